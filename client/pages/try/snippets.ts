/** The call as code that works when pasted: into a shell, into a file of Python or JavaScript. Pure. */
export const languages = ["curl", "Python", "JavaScript"] as const;
export type Language = (typeof languages)[number];

type Called = { readonly endpoint: string; readonly openToPublic: boolean };

export const exportOf = (secret: string): string => `export API_TOKEN="${secret}"`;

/** Of whatever the model answers to. */
export const requestIn = (language: Language, called: Called): string => requests[language](called);

/** Of a chat, by OpenAI's own clients where there are any. */
export const chatIn = (language: Language, called: Called, model: string, isStreamed: boolean): string => chats[language](called, model, isStreamed);

const requests: Record<Language, (called: Called) => string> = {
  // The guide's command.
  curl: ({ endpoint, openToPublic }) =>
    inLines('curl -H "Content-Type: application/json" -X GET', openToPublic ? null : '-H "Authorization: BackendAI $API_TOKEN"', endpoint),
  Python: ({ endpoint, openToPublic }) => `${openToPublic ? "" : "import os\n"}import urllib.request

request = urllib.request.Request("${endpoint}"${openToPublic ? "" : ', headers={"Authorization": "Bearer " + os.environ["API_TOKEN"]}'})
with urllib.request.urlopen(request) as answer:
    print(answer.status, answer.read().decode())`,
  JavaScript: ({ endpoint, openToPublic }) => `${openToPublic ? "" : `${fromEnvironment}\n`}const answer = await fetch("${endpoint}"${
    openToPublic ? "" : ", {\n  headers: { Authorization: `Bearer ${env.API_TOKEN}` },\n}"
  });
console.log(answer.status, await answer.text());`,
};

const fromEnvironment = 'import { env } from "node:process";\n';
const question = "What can you do?";

const chats: Record<Language, (called: Called, model: string, isStreamed: boolean) => string> = {
  curl: ({ endpoint, openToPublic }, model, isStreamed) => {
    const body = { model, messages: [{ role: "user", content: question }], ...(isStreamed && { stream: true }) };
    return inLines(
      `curl ${isStreamed ? "-N " : ""}${endpoint}/v1/chat/completions`,
      '-H "Content-Type: application/json"',
      openToPublic ? null : '-H "Authorization: Bearer $API_TOKEN"',
      `-d ${quoted(JSON.stringify(body))}`,
    );
  },
  Python: ({ endpoint, openToPublic }, model, isStreamed) => `${openToPublic ? "" : "import os\n"}from openai import OpenAI

client = OpenAI(base_url="${endpoint}/v1", api_key=${openToPublic ? '"none"' : 'os.environ["API_TOKEN"]'})
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "${question}"}],${isStreamed ? "\n    stream=True," : ""}
)
${
  isStreamed
    ? 'for chunk in answer:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or "", end="", flush=True)'
    : "print(answer.choices[0].message.content)"
}`,
  JavaScript: ({ endpoint, openToPublic }, model, isStreamed) => `${openToPublic ? "" : fromEnvironment}import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${endpoint}/v1", apiKey: ${openToPublic ? '"none"' : "env.API_TOKEN"} });
const answer = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: "user", content: "${question}" }],${isStreamed ? "\n  stream: true," : ""}
});
${
  isStreamed
    ? 'for await (const chunk of answer) process.stdout.write(chunk.choices[0]?.delta.content ?? "");'
    : "console.log(answer.choices[0].message.content);"
}`,
};

const inLines = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(" \\\n  ");

/** For a POSIX shell: nothing within single quotes means anything but their end. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
