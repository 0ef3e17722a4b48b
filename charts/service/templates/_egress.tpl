{{/* What the pods of a service may call. */}}
{{- define "service.egress" -}}
{{- $egress := .Values.network.egress -}}
{{ include "service.egressToDns" . }}
{{- if not (hasKey $egress "services") }}
- to:
    - podSelector: {}
{{- else if $egress.services }}
- to:
    {{- range $egress.services }}
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: {{ include "service.plain" (list "network.egress.services" .) }}
    {{- end }}
{{- end }}
{{- if and (eq .Values.kind "stateful") (hasKey $egress "services") }}
{{- /* Pods of one StatefulSet call each other, on ports of their own, whatever else they may call. */}}
- to:
    - podSelector:
        matchLabels:
          {{- include "service.selectorLabels" . | nindent 10 }}
{{- end }}
{{- if $egress.internet }}
- to:
    - {{ include "service.ipBlock" "0.0.0.0/0" }}
    - {{ include "service.ipBlock" "::/0" }}
{{- else }}
{{- /*
The agent of EKS Pod Identity, on every node: without it a service with an IAM role has no credentials. It gives a pod only those
of the pod's own role. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
*/}}
- ports:
    - { port: 80, protocol: TCP }
  to:
    - ipBlock: { cidr: 169.254.170.23/32 }
    - ipBlock: { cidr: "fd00:ec2::23/128" }
{{- end }}
{{- include "service.egressToRanges" $egress.cidrs }}
{{- range $egress.namespaces }}
{{- $to := ternary (dict "namespace" .) . (kindIs "string" .) }}
- {{- include "service.egressPorts" $to | nindent 2 }}
  to:
    - {{- include "service.namespacePeer" $to | nindent 6 }}
{{- end }}
{{- end }}

{{/* Ranges without ports and protocol share one rule. */}}
{{- define "service.egressToRanges" -}}
{{- $whole := list -}}
{{- range . }}
  {{- if kindIs "string" . }}{{ $whole = append $whole . }}
  {{- else if not (or .ports .protocol) }}{{ $whole = append $whole .cidr }}
  {{- end }}
{{- end }}
{{- with $whole }}
- to:
    {{- range . }}
    - {{ include "service.ipBlock" . }}
    {{- end }}
{{- end }}
{{- range . }}
{{- if kindIs "map" . }}
{{- if or .ports .protocol }}
- {{- include "service.egressPorts" . | nindent 2 }}
  to:
    - {{ include "service.ipBlock" .cidr }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "service.egressPorts" -}}
{{- $protocol := .protocol | default "TCP" -}}
{{- if or .ports .protocol -}}
ports:
  {{- range .ports }}
  - { port: {{ int . }}, protocol: {{ include "service.plain" (list "network.egress" $protocol) }} }
  {{- else }}
  {{- /* Without a port: all of this protocol. */}}
  - { protocol: {{ include "service.plain" (list "network.egress" $protocol) }} }
  {{- end }}
{{- end -}}
{{- end }}

{{/* All pods of another namespace, or those of one service in it. Both in one peer: two peers would be either of them. */}}
{{- define "service.namespacePeer" -}}
namespaceSelector:
  matchLabels:
    kubernetes.io/metadata.name: {{ .namespace | quote }}
{{- with .service }}
podSelector:
  matchLabels:
    app.kubernetes.io/name: {{ . | quote }}
{{- end }}
{{- end }}
