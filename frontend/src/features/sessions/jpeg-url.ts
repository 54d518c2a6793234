/** A JPEG as a `data:` URI, the one form in which the page's content policy lets it be shown. */
export function jpegUrl(picture: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(picture), (byte) => String.fromCharCode(byte));
  return `data:image/jpeg;base64,${btoa(letters.join(''))}`;
}
