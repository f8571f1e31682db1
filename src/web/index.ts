export type { WebContext } from './context.ts';
export { renderNotFound } from './render.tsx';
export { createWeb } from './routes.tsx';
