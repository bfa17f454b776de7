/** A broker that cannot start, and says why. */
process.stderr.write('the disk is on fire\n');
process.exit(3);
