import type { RegisterCommand } from '../context.ts';
import { registerRetentionApply } from './apply.ts';
import { registerRetentionPreview } from './preview.ts';

export const registerRetention: RegisterCommand = (program, context) => {
  const group = program
    .command('retention')
    .description("remove the versions that a repository's rules do not keep (packyard repo update --keep-versions …)");
  registerRetentionPreview(group, context);
  registerRetentionApply(group, context);
};
