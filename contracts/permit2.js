#!/usr/bin/env node
// Writes out/Permit2.json, the deployed code of Uniswap's Permit2, for tests: vm.etch, anvil_setCode and pyrevm.
// Only the two immutables differ from the code on a public chain: they are zero, so that it works on any chain id
// (Permit2 keeps them to save gas, and works its domain separator out itself where the chain id is another).
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const {createHash} = require('crypto');
const {execFileSync} = require('child_process');

const ADDRESS = '0x000000000022D473030F116dDEE9F6B43aC78BA3';
// The smallest package that ships the code; its own dependencies are many and not needed, so it is not installed.
const PACKAGE = '@1inch/solidity-utils@6.9.16';
const FILE = 'package/dist/src/permit2.json';
const PACKAGE_SHA512 = 'SnOB37v1BC5rGT60d7gUi0cEhwpUczoHdIfilKeehbmX7o3CDENgvbMpOv2jmSADh/iq+zhs+RDum+nJ+uUwTQ==';
const CODE_SHA256 = '0138d7a3a8d11b824ac3a7bf309c4f44a42f4e1ef2484451f0c3f4db6a03a298';
const OUTPUT = path.join(__dirname, 'out', 'Permit2.json');

function hash(algorithm, encoding, bytes) {
  return createHash(algorithm).update(bytes).digest(encoding);
}

function expect(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what} has hash ${actual}, not ${expected}`);
}

function download(directory) {
  execFileSync('npm', ['pack', PACKAGE, '--silent', '--pack-destination', directory], {stdio: ['ignore', 'ignore', 'inherit']});
  const archive = path.join(directory, fs.readdirSync(directory)[0]);
  expect(hash('sha512', 'base64', fs.readFileSync(archive)), PACKAGE_SHA512, PACKAGE);
  return JSON.parse(execFileSync('tar', ['-xzOf', archive, FILE])).bytecode;
}

function write(code) {
  expect(hash('sha256', 'hex', Buffer.from(code.slice(2), 'hex')), CODE_SHA256, 'Permit2');
  fs.mkdirSync(path.dirname(OUTPUT), {recursive: true});
  const unfinished = `${OUTPUT}.${process.pid}`;
  fs.writeFileSync(unfinished, JSON.stringify({address: ADDRESS, deployedBytecode: code}, null, 1) + '\n');
  fs.renameSync(unfinished, OUTPUT); // several test runs may do this at once
}

if (!fs.existsSync(OUTPUT)) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'permit2-'));
  try {
    write(download(directory));
  } finally {
    fs.rmSync(directory, {recursive: true});
  }
}
