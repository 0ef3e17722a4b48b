import { debianPackages } from "./debian.ts";
import type { ImageRecipe } from "./recipes.ts";

/** Unpacked, not installed: the packages' scripts would create a database and look for an init system. */
const DOCKERFILE = `ARG REGISTRY
FROM $REGISTRY/base/debian:12
ADD packages.tar /tmp/packages/
RUN for package in /tmp/packages/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C / || exit 1; done && \\
  ldconfig && rm -rf /tmp/packages
COPY start-mariadb /usr/local/bin/
USER 65532:65532
ENTRYPOINT ["sh", "/usr/local/bin/start-mariadb"]
`;

/** Its data is in an emptyDir of the pod: a database for tests. */
const START = `#!/bin/sh
# Creates the database MARIADB_DATABASE, and a user of the same name who may do everything in it.
set -eu
: "\${MARIADB_DATABASE:?}" "\${MARIADB_PASSWORD:?}"
data=/var/lib/mysql
if ! [ -d "$data/mysql" ]; then
  mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
fi
cat >/tmp/init.sql <<SQL
CREATE DATABASE IF NOT EXISTS \\\`$MARIADB_DATABASE\\\`;
CREATE USER IF NOT EXISTS '$MARIADB_DATABASE'@'%' IDENTIFIED BY '$MARIADB_PASSWORD';
GRANT ALL ON \\\`$MARIADB_DATABASE\\\`.* TO '$MARIADB_DATABASE'@'%';
GRANT PROCESS ON *.* TO '$MARIADB_DATABASE'@'%';
SQL
exec mariadbd --no-defaults --datadir="$data" --socket=/tmp/mariadb.sock --pid-file=/tmp/mariadb.pid --tmpdir=/tmp \\
  --bind-address=0.0.0.0 --port=3306 --skip-name-resolve --init-file=/tmp/init.sql --innodb-buffer-pool-size=32M \\
  --innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=2 --max-connections=200
`;

/** MariaDB of Debian. No part of the platform: what needs it builds it, see ensureImage. */
export const mariadbRecipe: ImageRecipe = {
  repository: "base/mariadb",
  tag: "10.11-2",
  dockerfile: DOCKERFILE,
  files: async (progress) => ({
    "packages.tar": { file: await debianPackages(["mariadb-server-core", "mariadb-client-core"], progress) },
    "start-mariadb": { content: START },
  }),
};
