// node write_ksplat.mjs SCENE.ply SCENE.ksplat LEVEL DEGREE: written by mkkellogg/GaussianSplats3D.
// The library expects a browser; its loaders use no more of it than a timer.
import fs from "node:fs";

globalThis.window ??= globalThis;
globalThis.self ??= globalThis;
globalThis.navigator ??= { userAgent: "node" };
globalThis.document ??= { createElement: () => ({}), addEventListener() {} };
globalThis.HTMLElement ??= class {};

const { PlyLoader } = await import("@mkkellogg/gaussian-splats-3d");
const [source, target, level, degree] = process.argv.slice(2);
const file = fs.readFileSync(source);
const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
const splats = await PlyLoader.loadFromFileData(bytes, 0, Number(level), true, Number(degree));
fs.writeFileSync(target, Buffer.from(splats.bufferData));
