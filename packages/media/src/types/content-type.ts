import { fileTypeFromBuffer } from 'file-type';
import { fetchError } from '../fetching/fetch-error.ts';

/** A file that is a recording must be sound; what a patient sends may be more. */
export type FileKind = 'recording' | 'media';

const recordings = /^audio\/|^video\/(?:mp4|webm|ogg)$/;
/** What a patient's phone sends and staff can use: no page, script or vector image, which could act on who opens it. */
const media =
  /^(?:image\/(?:jpeg|png|webp|gif|heic|heif|avif)|audio\/.+|video\/(?:mp4|webm|3gpp|quicktime)|application\/pdf|application\/(?:vnd\.openxmlformats-officedocument|vnd\.oasis\.opendocument)\..+)$/;
/** What says nothing of itself by its first bytes; served to be saved, never to be shown. */
const unknownType = 'application/octet-stream';
/** Letters and tables of older offices. */
const oldOffice = /^application\/(?:x-cfb|rtf)$/;
const told = /^(?:image|audio|video)\/|^application\/pdf$/;

/** So many of a file's first bytes say what it is: sound may begin with a picture of the album. */
export const sniffBytes = 64 * 1024;

/**
 * What a file is by its content, whatever was said of it.
 * @param head its first {@link sniffBytes}
 * @param declared what the vendor says that it is
 * @throws SwitchboardError `wrong_type`: not what may be kept, or of another family than was told
 */
export async function sniffType(head: Buffer, kind: FileKind, declared: string | null): Promise<string> {
  const found = (await fileTypeFromBuffer(head))?.mime;
  // An ID3 tag that is longer than what was looked at.
  const type = found ?? (head.subarray(0, 3).toString('latin1') === 'ID3' ? 'audio/mpeg' : undefined);
  if (kind === 'recording') {
    if (type !== undefined && recordings.test(type)) return type;
    throw fetchError('wrong_type');
  }
  const said = declared?.split(';')[0]?.trim().toLowerCase();
  const isOpaque = type === undefined || type.startsWith('text/') || oldOffice.test(type);
  if (isOpaque && said !== undefined && !told.test(said)) return unknownType;
  if (type === undefined || !media.test(type)) throw fetchError('wrong_type');
  if (said !== undefined && told.test(said) && familyOf(said) !== familyOf(type))
    throw fetchError('wrong_type');
  return type;
}

/** Sound and moving pictures share containers: a voice note may say `audio/mp4`, and look like `video/mp4`. */
function familyOf(type: string): string {
  const [family = ''] = type.split('/');
  return family === 'video' ? 'audio' : family;
}
