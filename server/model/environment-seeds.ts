/**
 * The catalogue that an installation begins with. Each is made once (`key`), whatever administrators do with it then, so a new version is
 * a new entry here, and an old one may stay.
 *
 * Commands are texts for the image's own shell, which has the image's variables and working directory `$MODEL_PATH`. They say what each
 * image's own entrypoint says, with the model's folder, its name and the session's accelerators put in; `exec`, so that the server itself
 * is told to end. docs/decisions/environments.md: where each is from.
 */
import { noNeeds, type EnvironmentWish } from "./environment.ts";
import { service, type ModelService } from "./model-definition.ts";
import { defaultResources, type Resources } from "./service-spec.ts";

export type EnvironmentSeed = EnvironmentWish & { readonly key: string };

const serves = (command: string, port: number, healthPath: string): ModelService =>
  service.parse({ start_command: command, port, health_check: { path: healthPath } });

const gpu = [{ name: "nvidia/gpu", count: 1 }];
const onGpu = {
  needs: { cpu: 1, memoryGiB: 8, sharedMemoryGiB: 0, accelerators: gpu },
  usualResources: { cpu: 4, memoryGiB: 32, sharedMemoryGiB: 4, accelerators: gpu },
};
const small: Resources = { cpu: 1, memoryGiB: 1, sharedMemoryGiB: 0, accelerators: [] };
const medium: Resources = { cpu: 4, memoryGiB: 8, sharedMemoryGiB: 1, accelerators: [] };

/** As many as the route has: `--tensor-parallel-size` and its like. */
const accelerators = '"${SERAI_ACCELERATOR_COUNT:-1}"';

const vllm = serves(
  `exec vllm serve "$MODEL_PATH" --served-model-name "$MODEL_NAME" --host 0.0.0.0 --port "$PORT" --tensor-parallel-size ${accelerators}`,
  8000,
  "/health",
);

/** Its entrypoint finds its own Python beside it. It answers to whatever name a caller gives the model. */
const tgi = serves(
  `cd /usr/src && exec /tgi-entrypoint.sh --model-id "$MODEL_PATH" --hostname 0.0.0.0 --port "$PORT" --num-shard ${accelerators}`,
  3000,
  "/health",
);

const sglang = serves(
  `exec python3 -m sglang.launch_server --model-path "$MODEL_PATH" --served-model-name "$MODEL_NAME" --host 0.0.0.0 --port "$PORT" --tp-size ${accelerators}`,
  30_000,
  "/health",
);

/** One model: a file, or the first of its parts. What a model sees with (mmproj) is none. */
const llamaCpp = serves(
  `set --
for file in "$MODEL_PATH"/*.gguf; do
  case "\${file##*/}" in
    mmproj*) continue ;;
    *-00001-of-?????.gguf) ;;
    *-?????-of-?????.gguf) continue ;;
  esac
  if [ -f "$file" ]; then set -- "$@" "$file"; fi
done
if [ $# -ne 1 ]; then
  echo "The folder must hold one model as .gguf, not $#. A model-definition.yml can name one of several." >&2
  exit 1
fi
exec /app/llama-server --model "$1" --alias "$MODEL_NAME" --host 0.0.0.0 --port "$PORT" --n-gpu-layers 999`,
  8080,
  "/health",
);

const nim = serves(
  `export NIM_MODEL_NAME="$MODEL_PATH" NIM_SERVED_MODEL_NAME="$MODEL_NAME" NIM_SERVER_PORT="$PORT" NIM_TENSOR_PARALLEL_SIZE=${accelerators}
exec /opt/nim/start_server.sh`,
  8000,
  "/v1/health/ready",
);

/** The folder is a model repository: its directories are the models, and callers name them by those. */
const triton = serves('exec tritonserver --model-repository "$MODEL_PATH" --http-port "$PORT"', 8000, "/v2/health/ready");

/** No maker says that its image does without writing to its root, or runs as anybody. */
const asItIs = { isolated: false, runAs: null, readOnlyRoot: false };

const container = (
  key: string,
  runtime: string,
  version: string,
  image: string,
  rest: Pick<EnvironmentSeed, "needs" | "usualResources" | "defaultService">,
) => ({
  key,
  runtime,
  version,
  image,
  ...asItIs,
  ...rest,
});
const withoutCommand = { needs: noNeeds, defaultService: null };

/** The first is what a service gets that names none, where none was there before. */
export const containerSeeds: readonly EnvironmentSeed[] = [
  container("python-3.13", "Python", "3.13", "python:3.13-slim", { ...withoutCommand, usualResources: small }),
  container("python-3.12", "Python", "3.12", "python:3.12-slim", { ...withoutCommand, usualResources: small }),
  container("pytorch-2.9.1", "PyTorch", "2.9.1", "pytorch/pytorch:2.9.1-cuda12.8-cudnn9-runtime", { ...withoutCommand, usualResources: medium }),
  container("vllm-0.28.0", "vLLM", "0.28.0", "vllm/vllm-openai:v0.28.0", { ...onGpu, defaultService: vllm }),
  container("vllm-0.11.0", "vLLM", "0.11.0", "vllm/vllm-openai:v0.11.0", { ...onGpu, defaultService: vllm }),
  container("tgi-3.3.7", "TGI", "3.3.7", "ghcr.io/huggingface/text-generation-inference:3.3.7", { ...onGpu, defaultService: tgi }),
  container("sglang-0.5.18", "SGLang", "0.5.18", "lmsysorg/sglang:v0.5.18", { ...onGpu, defaultService: sglang }),
  container("llama.cpp-b7018", "llama.cpp", "b7018 (CPU)", "ghcr.io/ggml-org/llama.cpp:server-b7018", {
    needs: { ...noNeeds, cpu: 1, memoryGiB: 1 },
    usualResources: medium,
    defaultService: llamaCpp,
  }),
  container("llama.cpp-cuda-b7018", "llama.cpp", "b7018 (CUDA)", "ghcr.io/ggml-org/llama.cpp:server-cuda-b7018", {
    needs: { ...onGpu.needs, memoryGiB: 2 },
    usualResources: { ...medium, accelerators: gpu },
    defaultService: llamaCpp,
  }),
  container("nim-1.15.0", "NVIDIA NIM", "1.15.0", "nvcr.io/nim/nvidia/llm-nim:1.15.0", { ...onGpu, defaultService: nim }),
  container("triton-26.06", "Triton", "26.06", "nvcr.io/nvidia/tritonserver:26.06-py3", {
    needs: { ...noNeeds, cpu: 1, memoryGiB: 2 },
    usualResources: medium,
    defaultService: triton,
  }),
];

export const hostSeed: EnvironmentSeed = {
  key: "host",
  runtime: "Host",
  version: "",
  image: null,
  ...asItIs,
  ...withoutCommand,
  usualResources: defaultResources,
};
