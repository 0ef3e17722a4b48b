{{/*
A sidecar or an init container. With the service's own image it gets all that the service has; any other image gets its own variables and
the secret files that it names. Takes root and container.
*/}}
{{- define "service.besideContainer" -}}
{{- $v := .root.Values -}}
{{- $container := .container -}}
{{- $isOwn := not $container.image -}}
image: {{ $container.image | default $v.image | quote }}
imagePullPolicy: IfNotPresent
{{- with $container.command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $container.args }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $container.port }}
ports:
  - containerPort: {{ int . }}
    protocol: TCP
{{- end }}
env:
  {{- $port := $container.port | default (ternary $v.port nil $isOwn) }}
  {{- include "service.env" (dict "root" .root "port" $port "variables" $container.variables) | nindent 2 }}
{{- if $isOwn }}
{{- include "service.envFrom" .root }}
{{- end }}
resources: {{- include "service.besideResources" $container | nindent 2 }}
{{- with $container.port }}
{{- include "service.besideProbes" (dict "port" (int .) "probe" ($container.probe | default dict) "probes" $v.probes) }}
{{- end }}
terminationMessagePolicy: FallbackToLogsOnError
securityContext:
  {{- with $container.user }}
  runAsUser: {{ int . }}
  runAsGroup: {{ int . }}
  {{- end }}
  {{- include "service.containerSecurity" .root | nindent 2 }}
volumeMounts:
  {{- include "service.writableMounts" .root | nindent 2 }}
  {{- $secretFiles := list }}
  {{- range $container.secretFiles }}{{ $secretFiles = append $secretFiles (dict "path" .) }}{{ end }}
  {{- if $isOwn }}{{ $secretFiles = $v.secretFiles }}{{ end }}
  {{- with include "service.fileMounts" (dict "root" .root "secretFiles" $secretFiles) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Without a request for disk, pods are evicted when a node's disk is full. */}}
{{- define "service.besideResources" -}}
{{- $disk := dict "requests" (dict "ephemeral-storage" "64Mi") "limits" (dict "ephemeral-storage" "1Gi") -}}
{{- toYaml (mergeOverwrite $disk (deepCopy .resources)) -}}
{{- end }}

{{/* As for the service's own container: liveness and startup only ask whether the port accepts a connection. */}}
{{- define "service.besideProbes" -}}
{{- $tcp := printf "tcpSocket: { port: %d }" .port -}}
{{- $timing := .probes }}
startupProbe:
  {{ $tcp }}
  periodSeconds: 2
  failureThreshold: {{ max 1 (div (add (int (.probe.startupSeconds | default 60)) 1) 2) }}
readinessProbe:
  {{- if .probe.path }}
  httpGet: { path: {{ .probe.path | quote }}, port: {{ .port }} }
  {{- else }}
  {{ $tcp }}
  {{- end }}
  periodSeconds: {{ $timing.periodSeconds }}
  timeoutSeconds: {{ $timing.timeoutSeconds }}
  failureThreshold: {{ $timing.failureThreshold }}
livenessProbe:
  {{ $tcp }}
  periodSeconds: {{ $timing.periodSeconds }}
  timeoutSeconds: {{ $timing.timeoutSeconds }}
  failureThreshold: {{ mul 2 (int $timing.failureThreshold) }}
{{- end }}
