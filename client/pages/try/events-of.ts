/** The events of a stream, as OpenAI's servers send them: what stands behind `data:` on each line, until `[DONE]`. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of textOf(body)) {
    const lines = `${rest}${text}`.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const data = /^data: ?(.*)/.exec(line)?.[1];
      if (data === "[DONE]") return;
      if (data !== undefined) yield data;
    }
  }
}

/** Characters that are cut between two pieces come whole. */
export async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield decoder.decode(piece.value, { stream: true });
    yield decoder.decode();
  } finally {
    // Whoever has read enough lets go of the connection, too.
    await reader.cancel().catch(() => {});
  }
}
