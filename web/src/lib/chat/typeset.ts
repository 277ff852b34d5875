// What draws Markdown, as one chunk.

export { createRenderer } from './markdown';
export { sanitizer } from './sanitize';
