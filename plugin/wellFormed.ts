/** Text without halves of characters, as a service's words may hold them: gRPC does not send them, and nobody is answered. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
