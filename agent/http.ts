// Node's HTTP client, for programs that must be small. An `import` of `node:http` reads every name it exports, and with them loads a whole browser's client (fetch, WebSocket) that nobody here
// uses: 14 MB and 40 ms in each process. Asked for this way it is not read through.

export const { get, request } = process.getBuiltinModule('node:http');
