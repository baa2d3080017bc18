/** The files that run mailcheck in CI. They contain no text of the user or of the DNS. */

/** The kinds of CI that `mailcheck init` writes a file for, and none. */
export const CI_KINDS = ['github', 'gitlab', 'none'] as const;

export type CiKind = (typeof CI_KINDS)[number];

/** A file for CI: its place below the folder of the configuration, its text, and what it needs. */
export interface CiFile {
  readonly path: string;
  readonly text: string;
  readonly needs: string;
}

const ABOUT = `# Checks the targets of mailcheck.config.yaml.
# Set two variables: MAILCHECK_REPOSITORY, the address of mailcheck's repository or of your copy, and
# MAILCHECK_COMMIT, the commit that you have read. Most CI networks block outbound port 25, so three checks cannot run.
`;

const ARGUMENTS = '--config mailcheck.config.yaml --allow-inconclusive open-relay,tls,mx';

const GITHUB = `${ABOUT}name: mailcheck
on:
  push:
  schedule:
    - cron: "17 6 * * *"
  workflow_dispatch:
permissions:
  contents: read
jobs:
  mail:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - run: git clone "$MAILCHECK_REPOSITORY" "$RUNNER_TEMP/mailcheck" && git -C "$RUNNER_TEMP/mailcheck" checkout "$MAILCHECK_COMMIT" && "$RUNNER_TEMP/mailcheck/.ci/build"
        env:
          MAILCHECK_REPOSITORY: \${{ vars.MAILCHECK_REPOSITORY }}
          MAILCHECK_COMMIT: \${{ vars.MAILCHECK_COMMIT }}
      - run: node "$RUNNER_TEMP/mailcheck/dist/cli.js" ${ARGUMENTS} -f github
`;

const GITLAB = `${ABOUT}mail:
  image: node:22
  script:
    - git clone "$MAILCHECK_REPOSITORY" /tmp/mailcheck && git -C /tmp/mailcheck checkout "$MAILCHECK_COMMIT"
    - /tmp/mailcheck/.ci/build
    - node /tmp/mailcheck/dist/cli.js ${ARGUMENTS} -f pretty -f junit=mailcheck.xml
  artifacts:
    when: always
    reports:
      junit: mailcheck.xml
`;

/** @returns the file for CI, or `undefined` for none. */
export function ciFile(kind: CiKind): CiFile | undefined {
  switch (kind) {
    case 'github':
      return {
        path: '.github/workflows/mailcheck.yml',
        text: GITHUB,
        needs: 'Set the repository variables MAILCHECK_REPOSITORY and MAILCHECK_COMMIT in GitHub.',
      };
    case 'gitlab':
      return {
        path: '.gitlab-ci.yml',
        text: GITLAB,
        needs: 'Set the CI/CD variables MAILCHECK_REPOSITORY and MAILCHECK_COMMIT in GitLab, and add a daily schedule.',
      };
    case 'none':
      return undefined;
  }
}
