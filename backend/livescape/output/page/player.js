// Plays a living scene: what moves is moved here, every frame; Spark sorts and draws.
// The payload's layout is that of payload.py.

import * as THREE from "three";
import { OrbitControls } from "three/controls";
import { ExtSplats, SparkRenderer, SplatMesh, utils } from "spark";

const ARRAYS = {
  float32: Float32Array, uint16: Uint16Array, int16: Int16Array, uint8: Uint8Array,
};
const DILATION = 0.3; // square pixels, as in Livescape's rasterizer
const STEPS = 32767;

export async function play(buffer) {
  const data = read(buffer);
  const stage = new Stage(data);
  await stage.ready();
  const player = new Player(data, stage);
  player.start();
  return player;
}

function read(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  if (header.version !== 1) throw new Error("the scene is of another version");
  for (const [name, [type, at, count]] of Object.entries(header.arrays)) {
    header[name] = new ARRAYS[type](buffer, 4 + length + at, count);
  }
  return header;
}

// A splat of the scene's arrays into Spark's, at a position and an opacity of its own.
function encode(arrays, data, kind, row, x, y, z, opacity, quats, scales, at) {
  const colors = data[`${kind}_colors`];
  utils.encodeExtSplat(
    arrays, row, x, y, z,
    scales[3 * at], scales[3 * at + 1], scales[3 * at + 2],
    quats[4 * at + 1] / STEPS, quats[4 * at + 2] / STEPS, quats[4 * at + 3] / STEPS,
    quats[4 * at] / STEPS,
    opacity,
    colors[3 * row] / 65535, colors[3 * row + 1] / 65535, colors[3 * row + 2] / 65535,
  );
}

// Arrays for so many splats, as large as Spark's textures need them.
function room(count) {
  return new ExtSplats().ensureSplats(Math.max(count, 1));
}

function meshOf(extArrays, numSplats) {
  return new SplatMesh({ extSplats: new ExtSplats({ extArrays, numSplats }) });
}

class Still {
  constructor(data) {
    const count = data.still;
    const arrays = room(count);
    const means = data.still_means;
    for (let row = 0; row < count; row++) {
      encode(
        arrays, data, "still", row, means[3 * row], means[3 * row + 1], means[3 * row + 2],
        data.still_opacities[row] / 65535, data.still_quats, data.still_scales, row,
      );
    }
    this.mesh = meshOf(arrays, count);
  }
}

class Moving {
  constructor(data) {
    this.data = data;
    this.count = data.moving;
    this.arrays = room(this.count);
    this.setTime(0);
    this.mesh = meshOf(this.arrays, this.count);
  }

  // Loop time 0..1: means between the two baked frames, opacities by each copy's window.
  setTime(t) {
    const { data, count } = this;
    if (!count) return;
    const means = data.moving_means;
    const place = Math.min(Math.max(t, 0), 1) * data.loop_frames;
    const below = Math.min(Math.floor(place), data.loop_frames - 1);
    const share = place - below;
    const first = 3 * count * below, second = first + 3 * count;
    const { displacements: moved, step, windows, fade } = data;
    const nearest = share < 0.5 ? below : below + 1;
    const quats = data.deforms ? data.frame_quats : data.moving_quats;
    const scales = data.deforms ? data.frame_scales : data.moving_scales;
    const from = data.deforms ? nearest * count : 0;
    const at = (index) =>
      means[index] + step * (moved[first + index] * (1 - share) + moved[second + index] * share);
    for (let row = 0; row < count; row++) {
      const risen = clamp((t - windows[2 * row]) / fade + 0.5);
      const left = clamp((windows[2 * row + 1] - t) / fade + 0.5);
      const whole = data.moving_opacities[row] / 65535;
      const opacity = 1 - Math.pow(1 - whole, risen * left);
      encode(
        this.arrays, data, "moving", row, at(3 * row), at(3 * row + 1), at(3 * row + 2),
        opacity, quats, scales, from + row,
      );
    }
    if (this.mesh) {
      for (const texture of this.mesh.extSplats.textures) texture.needsUpdate = true;
      this.mesh.updateVersion();
    }
  }
}

function clamp(value) {
  return Math.min(Math.max(value, 0), 1);
}

// Canvas, cameras and the two passes: splats blended in linear light, then shown as sRGB.
class Stage {
  constructor(data) {
    this.data = data;
    this.renderer = new THREE.WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
    document.getElementById("stage").append(this.renderer.domElement);
    this.isLinear = data.blend === "linear";
    this.renderer.outputColorSpace = THREE.SRGBColorSpace;
    this.scene = new THREE.Scene();
    this.spark = new SparkRenderer({
      renderer: this.renderer,
      accumExtSplats: true,
      sortRadial: false,
      preBlurAmount: DILATION,
      blurAmount: 0,
      maxStdDev: Math.sqrt(11),
      minAlpha: 1 / 255,
      enableLod: false,
    });
    this.still = new Still(data);
    this.moving = new Moving(data);
    this.scene.add(this.spark, this.still.mesh, this.moving.mesh);
    this.camera = new THREE.PerspectiveCamera();
    this.camera.matrixAutoUpdate = false;
    this.free = new THREE.PerspectiveCamera();
    this.free.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.free, this.renderer.domElement);
    this.controls.enabled = false;
    if (this.isLinear) this.makeSecondPass();
    this.resize();
    window.addEventListener("resize", () => this.resize());
  }

  ready() {
    return Promise.all([this.still.mesh.initialized, this.moving.mesh.initialized]);
  }

  makeSecondPass() {
    this.target = new THREE.WebGLRenderTarget(2, 2, {
      type: THREE.HalfFloatType, colorSpace: THREE.LinearSRGBColorSpace,
    });
    const material = new THREE.ShaderMaterial({
      uniforms: { picture: { value: this.target.texture } },
      vertexShader: `varying vec2 place;
        void main() { place = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }`,
      fragmentShader: `uniform sampler2D picture; varying vec2 place;
        void main() {
          vec3 light = clamp(texture2D(picture, place).rgb, 0.0, 1.0);
          vec3 bright = 1.055 * pow(max(light, vec3(SRGB_KNEE)), vec3(1.0 / 2.4)) - 0.055;
          gl_FragColor = vec4(mix(bright, light * SRGB_SLOPE, vec3(lessThanEqual(
            light, vec3(SRGB_KNEE)))), 1.0);
        }`,
      defines: { SRGB_KNEE: "0.0031308", SRGB_SLOPE: "12.92" },
      depthTest: false, depthWrite: false, toneMapped: false,
    });
    this.quad = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material);
    this.quad.frustumCulled = false;
    this.second = new THREE.Scene();
    this.second.add(this.quad);
  }

  // The picture has the shape of the camera's frame, as large as the window allows.
  resize() {
    const [width, height] = this.data.size;
    const room = document.getElementById("stage");
    const factor = Math.min(room.clientWidth / width, room.clientHeight / height) || 1;
    this.setSize(Math.round(width * factor), Math.round(height * factor), window.devicePixelRatio);
  }

  setSize(width, height, ratio) {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height);
    if (this.target) this.target.setSize(Math.round(width * ratio), Math.round(height * ratio));
  }

  // The camera of a frame, between two where the frame is no whole number.
  follow(frame) {
    const { cameras } = this.data;
    const count = cameras.length / 20;
    const place = Math.min(Math.max(frame, 0), count - 1);
    const below = Math.min(Math.floor(place), Math.max(count - 2, 0));
    const first = pose(cameras, below), second = pose(cameras, Math.min(below + 1, count - 1));
    const share = place - below;
    const turn = first.turn.clone().slerp(second.turn, share);
    const position = first.position.clone().lerp(second.position, share);
    this.camera.matrixWorld.compose(position, turn, new THREE.Vector3(1, 1, 1));
    this.camera.matrix.copy(this.camera.matrixWorld);
    this.camera.matrixWorldInverse.copy(this.camera.matrixWorld).invert();
    const lens = first.lens.map((value, index) => value + (second.lens[index] - value) * share);
    project(this.camera, lens);
  }

  // Free camera: starts where the path's is, and turns about what is in the picture's middle.
  lookAround(isOn) {
    this.controls.enabled = isOn;
    if (!isOn) return;
    this.camera.matrixWorld.decompose(this.free.position, this.free.quaternion, this.free.scale);
    const ahead = new THREE.Vector3(0, 0, -1).applyQuaternion(this.free.quaternion);
    this.controls.target.copy(this.free.position).addScaledVector(ahead, this.middleDistance());
    this.free.fov = 2 * Math.atan(1 / this.camera.projectionMatrix.elements[5]) * 180 / Math.PI;
    this.free.aspect = this.data.size[0] / this.data.size[1];
    this.free.near = 0.01;
    this.free.far = 1e5;
    this.free.updateProjectionMatrix();
    this.controls.update();
  }

  middleDistance() {
    const ahead = new THREE.Vector3(), distances = [];
    const means = this.data.still_means;
    const step = Math.max(1, Math.floor(this.data.still / 2000));
    for (let row = 0; row < this.data.still; row += step) {
      ahead.set(means[3 * row], means[3 * row + 1], means[3 * row + 2]);
      ahead.applyMatrix4(this.camera.matrixWorldInverse);
      if (ahead.z < 0) distances.push(-ahead.z);
    }
    distances.sort((one, other) => one - other);
    return distances[Math.floor(distances.length / 4)] || 5;
  }

  get eye() {
    return this.controls.enabled ? this.free : this.camera;
  }

  draw() {
    if (this.controls.enabled) this.controls.update();
    this.renderer.setRenderTarget(this.target || null);
    this.renderer.clear();
    this.renderer.render(this.scene, this.eye);
    if (!this.target) return;
    this.renderer.setRenderTarget(null);
    this.renderer.render(this.second, this.eye);
  }

  // A frame that waits for its own sorting, for pictures that must be exact.
  async drawSettled() {
    for (let pass = 0; pass < 3; pass++) {
      await this.spark.update({ scene: this.scene, camera: this.eye });
      while (this.spark.sorting || this.spark.sortDirty) {
        await new Promise((done) => setTimeout(done, 20));
        await this.spark.update({ scene: this.scene, camera: this.eye });
      }
      this.draw();
    }
  }
}

function pose(cameras, index) {
  const at = 20 * index;
  const viewmat = new THREE.Matrix4().set(...cameras.subarray(at + 4, at + 20));
  const flip = new THREE.Matrix4().makeScale(1, -1, -1); // OpenCV's camera looks along +z, y down
  const matrix = viewmat.invert().multiply(flip);
  const position = new THREE.Vector3(), turn = new THREE.Quaternion(), scale = new THREE.Vector3();
  matrix.decompose(position, turn, scale);
  return { position, turn, lens: Array.from(cameras.subarray(at, at + 4)) };
}

function project(camera, [fx, fy, cx, cy]) {
  const near = 0.01, far = 1e5;
  camera.projectionMatrix.set(
    2 * fx, 0, 1 - 2 * cx, 0,
    0, 2 * fy, 2 * cy - 1, 0,
    0, 0, -(far + near) / (far - near), -2 * far * near / (far - near),
    0, 0, -1, 0,
  );
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
}

class Player {
  constructor(data, stage) {
    this.data = data;
    this.stage = stage;
    this.frame = 0;
    this.isPlaying = true;
    this.drawn = 0;
    this.length = data.cameras.length / 20;
    if (this.length < 2) this.length = data.loop_frames;
    this.connect();
  }

  connect() {
    const find = (name) => document.getElementById(name);
    this.slider = find("time");
    this.slider.max = this.length - 1;
    this.slider.addEventListener("input", () => {
      this.setPlaying(false);
      this.show(Number(this.slider.value));
    });
    find("play").addEventListener("click", () => this.setPlaying(!this.isPlaying));
    find("path").addEventListener("click", () => this.lookAround(false));
    find("look").addEventListener("click", () => this.lookAround(true));
    this.label = find("frame");
  }

  setPlaying(isPlaying) {
    this.isPlaying = isPlaying;
    const button = document.getElementById("play");
    button.textContent = isPlaying ? "Pause" : "Play";
    button.setAttribute("aria-pressed", isPlaying);
  }

  lookAround(isOn) {
    this.stage.lookAround(isOn);
    document.getElementById("look").setAttribute("aria-pressed", isOn);
    document.getElementById("path").setAttribute("aria-pressed", !isOn);
  }

  // Loop time of a frame: it repeats where the scene loops, else it ends.
  timeOf(frame) {
    const passed = frame / this.data.loop_frames;
    return this.data.loop ? passed % 1 : Math.min(passed, 1);
  }

  show(frame) {
    this.frame = frame;
    this.stage.moving.setTime(this.timeOf(frame));
    this.stage.follow(frame % this.length);
    this.slider.value = frame % this.length;
    this.label.textContent = `${1 + Math.floor(frame % this.length)} / ${this.length}`;
  }

  start() {
    let last = performance.now();
    this.show(0);
    this.stage.renderer.setAnimationLoop((now) => {
      if (this.isPlaying) {
        this.show(this.next((now - last) / 1000));
      }
      last = now;
      this.stage.draw();
      this.drawn += 1;
    });
  }

  // The camera's path begins again at its end; a scene that loops goes on meanwhile.
  next(seconds) {
    const frame = this.frame + Math.min(seconds, 0.25) * this.data.fps;
    return this.data.loop ? frame : frame % this.length;
  }

  // For tests: one settled frame at a size, as a data URL of a PNG.
  async picture(frame, width, height) {
    this.setPlaying(false);
    this.stage.renderer.setAnimationLoop(null);
    this.stage.setSize(width, height, 1);
    this.show(frame);
    await this.stage.drawSettled();
    return this.stage.renderer.domElement.toDataURL("image/png");
  }
}
