{{/*
DNS is asked at its pods, or at an address of the nodes or outside: a policy cannot select a process of a node.
169.254.20.10 is the usual address of NodeLocal DNSCache.
*/}}
{{- define "service.egressToDns" -}}
{{- $dns := .Values.dns -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
  to:
    {{- if eq (int $dns.port) 53 }}
    {{- include "service.dnsPods" . | nindent 4 }}
    {{- end }}
    - ipBlock: { cidr: 169.254.20.10/32 }
    {{- range $dns.cidrs }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
{{- if ne (int $dns.port) 53 }}
- ports:
    - { port: {{ int $dns.port }}, protocol: UDP }
    - { port: {{ int $dns.port }}, protocol: TCP }
  to:
    {{- include "service.dnsPods" . | nindent 4 }}
{{- end }}
{{- end }}

{{- define "service.dnsPods" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .Values.dns.namespace | quote }}
{{- end }}
