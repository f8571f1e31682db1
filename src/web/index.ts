export type { WebContext } from './context.ts';
export { renderError, renderNotFound } from './render.tsx';
export { createWeb } from './routes.tsx';
