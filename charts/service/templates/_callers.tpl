{{/*
Who may call the pods of a service. Ports are named: while a rollout changes a number, old and new pods each keep theirs.
*/}}
{{- define "service.callers" -}}
{{- $controller := "" -}}
{{- if .Values.hosts -}}{{- $controller = include "service.ingressController" . -}}{{- end -}}
{{- $peers := "" -}}
{{- if or .Values.port .Values.ports -}}{{- $peers = include "service.peers" . | trim -}}{{- end -}}
{{- $routed := include "service.routedPorts" . -}}
{{- $all := include "service.calledPorts" . -}}
{{- if and $controller $peers (eq $routed $all) }}
- ports:
    {{- $all | nindent 4 }}
  from:
    {{- $controller | nindent 4 }}
    {{- $peers | nindent 4 }}
{{- else }}
{{- with $controller }}
- ports:
    {{- $routed | nindent 4 }}
  from:
    {{- . | nindent 4 }}
{{- end }}
{{- with $peers }}
- ports:
    {{- $all | nindent 4 }}
  from:
    {{- . | nindent 4 }}
{{- end }}
{{- end }}
{{- with .Values.metrics }}
- ports:
    - { port: {{ include "service.metricsPort" $ | quote }}, protocol: TCP }
  from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .from | quote }}
{{- end }}
{{- if and .Values.port (include "service.checksCanary" .) }}
- ports:
    - { port: http, protocol: TCP }
  from:
    {{- if .Values.rollout.analysis.command }}
    - podSelector:
        matchLabels:
          {{- include "service.smokeLabels" . | nindent 10 }}
    {{- end }}
    {{- if .Values.rollout.analysis.path }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.rolloutsNamespace | quote }}
    {{- end }}
{{- end }}
{{- if eq .Values.kind "stateful" }}
{{- /* Pods of one StatefulSet replicate among themselves, on ports of their own. */}}
- from:
    - podSelector:
        matchLabels:
          {{- include "service.selectorLabels" . | nindent 10 }}
{{- end }}
{{- end }}

{{- define "service.ingressController" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .Values.ingressNamespace | quote }}
{{- range .Values.ingressRanges }}
- {{ include "service.ipBlock" . }}
{{- end }}
{{- end }}

{{- define "service.peers" -}}
{{- range .Values.network.allowFrom }}
{{- if kindIs "string" . }}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ . | quote }}
{{- else if hasKey . "cidr" }}
- ipBlock: { cidr: {{ .cidr | quote }} }
{{- else }}
- {{- include "service.namespacePeer" . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* Ports that the ingress controller calls. */}}
{{- define "service.routedPorts" -}}
{{- $ports := list -}}
{{- range (include "service.routes" . | fromYamlArray) -}}
{{- $ports = append $ports (printf "- { port: %s, protocol: TCP }" (ternary "http" (quote .port) (eq .port "http"))) -}}
{{- end -}}
{{- join "\n" (uniq $ports) -}}
{{- end }}

{{/* Ports that other services call. */}}
{{- define "service.calledPorts" -}}
{{- $ports := list -}}
{{- if .Values.port -}}{{- $ports = append $ports "- { port: http, protocol: TCP }" -}}{{- end -}}
{{- range $name, $port := .Values.ports -}}
{{- $ports = append $ports (printf "- { port: %q, protocol: %s }" $name ($port.protocol | default "TCP")) -}}
{{- end -}}
{{- join "\n" $ports -}}
{{- end }}
