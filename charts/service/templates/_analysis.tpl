{{/*
One metric that is measured in intervals, after the first one. An empty answer is one with too few requests. Takes root, query, compare and
limit.
*/}}
{{- define "service.measurement" -}}
{{- $analysis := .root.Values.rollout.analysis -}}
{{- $isKnown := "len(result) > 0 && !isNaN(result[0])" -}}
interval: {{ int $analysis.intervalSeconds }}s
initialDelay: {{ int $analysis.intervalSeconds }}s
failureLimit: {{ int $analysis.failureLimit }}
{{- if eq $analysis.onTooFew "hold" }}
inconclusiveLimit: {{ int $analysis.inconclusiveLimit }}
successCondition: {{ printf "%s && result[0] %s %v" $isKnown .compare .limit | quote }}
failureCondition: {{ printf "%s && !(result[0] %s %v)" $isKnown .compare .limit | quote }}
{{- else }}
successCondition: {{ printf "len(result) == 0 || isNaN(result[0]) || result[0] %s %v" .compare .limit | quote }}
{{- end }}
{{- /* Argo Rollouts' own limit is 4, and nothing switches it off. */}}
consecutiveErrorLimit: {{ ternary 1000000 4 (eq $analysis.onError "promote") }}
provider:
  prometheus:
    address: {{ .root.Values.prometheus | quote }}
    timeout: 10
    query: {{ .query | quote }}
{{- end }}

{{/* Traefik's name for the list that has the canary's pods: <namespace>-<Service>-<port>. */}}
{{- define "service.canaryRequests" -}}
{{- printf "service=\"%s-%s-canary-http@kubernetescrd\"" .Release.Namespace .Release.Name -}}
{{- end }}

{{/*
A canary that answers nothing but errors has no other series, so their number is not asked for. For gRPC Traefik counts the status of the
call: UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE and DATA_LOSS are the server's. https://grpc.io/docs/guides/status-codes/
*/}}
{{- define "service.successRate" -}}
{{- $of := include "service.canaryRequests" . -}}
{{- $window := printf "[%ds]" (int .Values.rollout.analysis.intervalSeconds) -}}
{{- $all := printf "sum(increase(traefik_service_requests_total{%s}%s))" $of $window -}}
{{- $errors := printf "sum(increase(traefik_service_requests_total{%s,code=~\"%s\"}%s))" $of (ternary "2|4|13|14|15|5.." "5.." (eq (include "service.isGrpc" .) "true")) $window -}}
{{- printf "100 * (1 - (%s or vector(0)) / %s) and %s >= %d" $errors $all $all (int .Values.rollout.analysis.minimumRequests) -}}
{{- end }}

{{- define "service.p95" -}}
{{- $of := include "service.canaryRequests" . -}}
{{- $window := printf "[%ds]" (int .Values.rollout.analysis.intervalSeconds) -}}
{{- $buckets := printf "sum by (le) (increase(traefik_service_request_duration_seconds_bucket{%s}%s))" $of $window -}}
{{- $all := printf "sum(increase(traefik_service_request_duration_seconds_count{%s}%s))" $of $window -}}
{{- printf "1000 * histogram_quantile(0.95, %s) and %s >= %d" $buckets $all (int .Values.rollout.analysis.minimumRequests) -}}
{{- end }}

{{/* Not of the service: no Service and no autoscaler must count it among its pods. */}}
{{- define "service.smokeLabels" -}}
app.kubernetes.io/name: {{ .Release.Name }}-smoke
app.kubernetes.io/instance: {{ .Release.Name }}-smoke
{{- end }}

{{- define "service.smokePod" -}}
metadata:
  labels:
    {{- include "service.smokeLabels" . | nindent 4 }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ .Release.Name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- include "service.podSecurity" . | nindent 2 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: smoke
      image: {{ .Values.image | quote }}
      imagePullPolicy: IfNotPresent
      command: {{- toYaml .Values.rollout.analysis.command | nindent 8 }}
      env:
        {{- include "service.env" (dict "root" . "port" .Values.port "variables" .Values.variables) | nindent 8 }}
        {{- if .Values.port }}
        - { name: CANARY_URL, value: {{ include "service.canaryUrl" . | quote }} }
        {{- end }}
      {{- with include "service.envFrom" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      resources: {{- toYaml .Values.resources | nindent 8 }}
      terminationMessagePolicy: FallbackToLogsOnError
      securityContext:
        {{- include "service.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "service.writableMounts" . | nindent 8 }}
        {{- with include "service.fileMounts" (dict "root" . "secretFiles" .Values.secretFiles) | trim }}
        {{- . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "service.volumes" . | nindent 4 }}
{{- end }}
