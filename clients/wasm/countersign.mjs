// Loads the module, and runs operations in it.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Gives `run(op, device, input, now)`, which returns what the operation gives, or `{ error }`. */
export async function load(source) {
  const { instance } = await WebAssembly.instantiate(source, {
    env: {
      random(at, length) {
        // At most 65 536 bytes a call, by the platform's rule.
        if (length > 65_536) return 1;
        crypto.getRandomValues(new Uint8Array(memory.buffer, at, length));
        return 0;
      },
    },
  });
  const { memory, take, run, free } = instance.exports;
  return (op, device, input, now) => {
    const asked = encoder.encode(JSON.stringify({ op, device, input, now }));
    const at = take(asked.length);
    new Uint8Array(memory.buffer, at, asked.length).set(asked);
    const answer = BigInt.asUintN(64, run(at, asked.length));
    const [start, length] = [Number(answer & 0xffff_ffffn), Number(answer >> 32n)];
    // A copy: the memory may have grown, and is freed at once.
    const said = JSON.parse(decoder.decode(new Uint8Array(memory.buffer, start, length)));
    free(start, length);
    return said;
  };
}
