#!/usr/bin/env sh
# Lets the identity of the app read application registrations: the application permission Application.Read.All of Microsoft Graph.
# Optional: without it, federated credentials of application registrations can be handed in. Takes a Privileged Role Administrator.
#
#   sh infra/grant-graph.sh "$(azd env get-value SERVICE_API_PRINCIPAL_ID)"
set -eu

principal=${1:?the object id of the identity of the app is missing: azd env get-value SERVICE_API_PRINCIPAL_ID}
permission=Application.Read.All
graph_app=00000003-0000-0000-c000-000000000000

endpoint=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
resource=$(az ad sp show --id "$graph_app" --query id --output tsv)
role=$(az ad sp show --id "$graph_app" --query "appRoles[?value=='$permission'].id | [0]" --output tsv)

assignments="${endpoint%/}/v1.0/servicePrincipals/$principal/appRoleAssignments"

granted=$(az rest --method GET --url "$assignments" --query "value[?appRoleId=='$role'].id | [0]" --output tsv)
if [ -z "$granted" ]; then
  az rest --method POST --url "$assignments" --headers 'Content-Type=application/json' \
    --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}" --output none
fi
echo "$principal may read application registrations ($permission)."
