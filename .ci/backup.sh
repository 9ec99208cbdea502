#!/usr/bin/env bash
# Back up, check and report the demo applications: backup.sh VENV
#
# For an ordinary user on a fresh machine. Everything it writes lies in this checkout: .venv/ and var/.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
venv=${1:?usage: backup.sh VENV}
report=var/evidence/reports/latest/report.html

if ! tar --version 2>/dev/null | grep -q 'GNU tar'; then
  echo "GNU tar is missing; source trees are archived with it." >&2
  echo "Remedy: apt install tar (elsewhere often called gtar or gnu-tar)." >&2
  exit 1
fi
if ! command -v zstd >/dev/null; then
  echo "zstd is missing; gzip serves instead, slower and with larger files. For zstd: apt install zstd"
fi

export PIP_NO_CACHE_DIR=1
"$here/venv.sh" "$venv" requirements.txt

mkdir -p var/ansible
# An explicit path, because Ansible ignores the ansible.cfg of a folder that everybody may write to.
export ANSIBLE_CONFIG=$PWD/ansible.cfg ANSIBLE_HOME=$PWD/var/ansible ANSIBLE_REMOTE_TMP=$PWD/var/ansible/tmp
: >var/ansible/began

status=0
"$venv/bin/ansible-playbook" -i inventories/demo playbooks/site.yml || status=$?

echo
if [[ ! $report -nt var/ansible/began ]]; then
  echo "No report was written: the play ended before that. The first error above says why." >&2
  exit $((status ? status : 1))
fi
echo "Report:  $PWD/$report"
echo "         (report.json beside it holds the same for programs; older ones are in var/evidence/reports/)"
if ((status)); then
  echo "Failed:  at least one application; the first rows of the report say which, why, and what to do."
  echo "Next:    mend that, then 'make backup' again. What succeeded is safe and stays."
else
  echo "Backups: $PWD/var/server/"
  echo "Next:    open the report; restore something by hand (README, plain tar and zstd);"
  echo "         then describe your own servers the way inventories/demo describes these."
fi
exit "$status"
