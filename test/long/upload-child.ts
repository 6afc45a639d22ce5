/** A client that uploads one file and remembers its upload in a file, as a browser does: started again, it goes on where it was. */
import { createReadStream } from "node:fs";
import * as tus from "tus-js-client";

// Node's build has it; its types are the browser's.
const { FileUrlStorage } = tus as unknown as { FileUrlStorage: new (path: string) => tus.UrlStorage };

const [endpoint = "", token = "", file = "", memory = "", metadata = "{}"] = process.argv.slice(2);
const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  headers: { authorization: `Bearer ${token}` },
  metadata: JSON.parse(metadata) as Record<string, string>,
  urlStorage: new FileUrlStorage(memory),
  retryDelays: Array<number>(60).fill(500),
  onSuccess: () => process.exit(0),
  onError: (error) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
});
const [previous] = await upload.findPreviousUploads();
if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
process.stdout.write(previous === undefined ? "begins\n" : "goes on\n");
upload.start();
