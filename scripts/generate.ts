// Writes every file, or part of a file, that is generated from the sources. Tests hold each against its source.
import './generate-layers.ts';
import './generate-schema.ts';
import './generate-command-line.ts';
