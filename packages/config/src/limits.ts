/** Bounds of this package. */

/** Characters of one YAML document. Past it the document is refused with a mistake that names the limit. */
export const DOCUMENT_BYTES_MAX = 32 * 1024 * 1024;

/** Characters of a found value that a mistake quotes; the rest is cut and shown as an ellipsis. */
export const FOUND_LENGTH_MAX = 80;

/** Times a document is checked again after scalars were read as another type. Past it the mistakes stand. */
export const REREAD_PASSES_MAX = 8;
