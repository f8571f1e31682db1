import { DXF } from '../../../client/dxf/dxf.ts';
import { DXFBase } from '../../../client/dxf/dxf-base.ts';
import type { DXFAuth, DXFOptions } from '../../../client/dxf/dxf-options.ts';
import { type DxfConfig, loadDxfConfig } from '../../../config/dxf-config.ts';
import type { Io } from '../../io.ts';
import { TransferBar } from './transfer-bar.ts';

/** A registry and a repository of it, as environment and arguments say. */
export class DxfSession {
  readonly config: DxfConfig;
  readonly io: Io;
  /** Undefined where none is to be shown. */
  readonly bar: TransferBar | undefined;
  readonly #repo: string;
  readonly #options: DXFOptions;
  #dxf: DXF | undefined;

  private constructor(config: DxfConfig, repo: string, io: Io) {
    this.config = config;
    this.io = io;
    this.bar = (config.progress ?? io.interactive) ? new TransferBar(io) : undefined;
    this.#repo = repo;
    const { insecure, authHost, tlsverify } = config;
    this.#options = { insecure, authHost, tlsverify };
  }

  /** @throws PackyardError `invalid_request` when a variable is missing or wrong */
  static open(repo: string, io: Io): DxfSession {
    return new DxfSession(loadDxfConfig(), repo, io);
  }

  /** For what belongs to no repository. */
  get base(): DXFBase {
    return this.#withToken(new DXFBase(this.config.host, this.#auth, this.#options));
  }

  /** The same each time, so that it logs in once. */
  get dxf(): DXF {
    this.#dxf ??= this.#withToken(this.withoutToken);
    return this.#dxf;
  }

  /** For getting a token: nothing is shown but what was given for that. */
  get withoutToken(): DXF {
    return new DXF(this.config.host, this.#repo, this.#auth, this.#options);
  }

  readonly #auth: DXFAuth = (dxf, response) => {
    const { username, password, authorization } = this.config;
    return dxf.authenticate(username, password, { response, authorization });
  };

  #withToken<T extends DXFBase>(dxf: T): T {
    if (this.config.token !== undefined) dxf.token = this.config.token;
    return dxf;
  }
}
