import type { ErrorCode } from '../../model/errors.ts';
import { Layout, type PageFrame } from '../components/layout.tsx';

const TITLES: Partial<Record<ErrorCode, string>> = {
  not_found: 'Not found',
  unauthenticated: 'Sign in to see this',
  forbidden: 'Not allowed',
  too_many_requests: 'Too many attempts',
};

interface ErrorPageProps {
  readonly frame: PageFrame;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly requestId?: string;
}

export function ErrorPage({ frame, code, message, hint, requestId }: ErrorPageProps) {
  const title = TITLES[code] ?? 'This request cannot be answered';
  return (
    <Layout frame={frame} title={title}>
      <h1>{title}</h1>
      <p>{message}</p>
      {code === 'unauthenticated' ? (
        <p class="quiet">
          <a href={frame.links.signIn}>Sign in</a> with any user name and an access token as the password.
        </p>
      ) : (
        hint !== undefined && <p class="quiet">{hint}</p>
      )}
      <p>
        <a href={frame.links.home}>Back to the start</a>
      </p>
      {requestId !== undefined && <p class="quiet">Request {requestId}</p>}
    </Layout>
  );
}
