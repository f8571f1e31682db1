import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { compareOn } from './compare.ts';

if (hasDockerRegistry()) compareOn('Docker’s registry', () => DockerRegistry.start());
else skipVisibly('dxf and python-dxf on Docker’s registry', DOCKER_REGISTRY_SKIP_REASON);
