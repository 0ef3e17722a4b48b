{{/* Paths under each host, each with its type and the name of the port that gets the requests. */}}
{{- define "service.routes" -}}
{{- range (.Values.ingress.paths | default (list .Values.path)) }}
{{- $route := ternary (dict "path" .) . (kindIs "string" .) }}
- { path: {{ $route.path | quote }}, type: {{ $route.type | default "Prefix" }}, port: {{ $route.port | default "http" | quote }} }
{{- end }}
{{- end }}

{{/* Rule of an Ingress: the paths of one host, to one Service. */}}
{{- define "service.ingressRule" -}}
- host: {{ .host | quote }}
  http:
    paths:
      {{- range include "service.routes" .root | fromYamlArray }}
      - path: {{ .path | quote }}
        pathType: {{ .type }}
        backend:
          service:
            name: {{ $.service }}
            port: { name: {{ .port | quote }} }
      {{- end }}
{{- end }}

{{/* What the team writes comes first: it may set more of what the chart sets. */}}
{{- define "service.ingressAnnotations" -}}
{{- $own := dict -}}
{{- with .Values.ingress.middlewares -}}
{{- $own = dict "traefik.ingress.kubernetes.io/router.middlewares" (join "," .) -}}
{{- end -}}
{{- with merge (dict) (.Values.ingress.annotations | default dict) $own }}{{ toYaml . }}{{ end -}}
{{- end }}

{{/* https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/#on-service */}}
{{- define "service.serviceAnnotations" -}}
{{- $own := dict -}}
{{- if and .Values.hosts (include "service.isGrpc" .) -}}
{{- $own = set $own "traefik.ingress.kubernetes.io/service.serversscheme" "h2c" -}}
{{- end -}}
{{- $sticky := .Values.ingress.sticky -}}
{{- if and .Values.hosts $sticky -}}
{{- $secure := dig "secure" true (ternary $sticky dict (kindIs "map" $sticky)) -}}
{{- $cookie := dict "cookie" "true" "cookie.httponly" "true" "cookie.samesite" "lax" "cookie.secure" (toString $secure) -}}
{{- range $key, $value := $cookie -}}
{{- $own = set $own (printf "traefik.ingress.kubernetes.io/service.sticky.%s" $key) $value -}}
{{- end -}}
{{- end -}}
{{- with merge (dict) (.Values.serviceAnnotations | default dict) $own }}{{ toYaml . }}{{ end -}}
{{- end }}
