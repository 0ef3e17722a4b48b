{{- /* Each is called with (dict "root" $ "component" <name>). Argo CD finds its own objects by these names and by part-of. */}}
{{- define "argo-cd.selectorLabels" -}}
app.kubernetes.io/name: argocd-{{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "argo-cd.podLabels" -}}
{{ include "argo-cd.selectorLabels" . }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "argo-cd.labels" -}}
{{ include "argo-cd.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "argo-cd.metadata" -}}
name: argocd-{{ .name | default .component }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "argo-cd.labels" . | nindent 2 }}
{{- end }}

{{- define "argo-cd.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "argo-cd.redisImage" -}}
{{- with .Values.redis.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag }}{{- end -}}
{{- end -}}
{{- end }}
