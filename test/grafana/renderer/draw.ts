import { readFileSync } from 'node:fs';
import type { Recording } from '../live/recording.ts';
import { takePictures } from './take-pictures.ts';

/** Draws a recording again, to look at a change without another run: `node draw.ts RECORDING.json FOLDER`. */
const [recordingFile = '', folder = ''] = process.argv.slice(2);
await takePictures(JSON.parse(readFileSync(recordingFile, 'utf8')) as Recording, folder);
