{{/* Traefik's static configuration: one provider, one public entry point, no dashboard, no API, no call home. */}}
{{- define "traefik.args" -}}
- --global.checknewversion=false
- --global.sendanonymoususage=false
- --log.level={{ .Values.logLevel }}
- --log.format=json
{{- if .Values.accessLog }}
- --accesslog=true
- --accesslog.format=json
{{- end }}
{{- /* asDefault: otherwise every Ingress would be served on the ping and metrics ports as well. */}}
- --entrypoints.web.address=:8000
- --entrypoints.web.asdefault=true
- --entrypoints.web.transport.respondingtimeouts.readtimeout={{ .Values.timeouts.read }}
- --entrypoints.web.transport.respondingtimeouts.writetimeout={{ .Values.timeouts.write }}
- --entrypoints.web.transport.respondingtimeouts.idletimeout={{ .Values.timeouts.idle }}
- --entrypoints.web.transport.keepalivemaxtime={{ .Values.timeouts.keepAliveMax }}
- --entrypoints.web.transport.lifecycle.requestacceptgracetimeout={{ .Values.shutdown.acceptSeconds }}s
- --entrypoints.web.transport.lifecycle.gracetimeout={{ .Values.shutdown.drainSeconds }}s
{{- with .Values.trustedIPs }}
- --entrypoints.web.forwardedheaders.trustedips={{ join "," . }}
{{- end }}
{{- /* Ping answers 503 after SIGTERM, for load balancers that check it, for as long as web accepts requests. */}}
- --entrypoints.ping.address=:8080
- --entrypoints.ping.transport.lifecycle.requestacceptgracetimeout={{ .Values.shutdown.acceptSeconds }}s
- --ping=true
- --ping.entrypoint=ping
{{- if .Values.metrics }}
- --entrypoints.metrics.address=:9100
- --metrics.prometheus=true
- --metrics.prometheus.entrypoint=metrics
{{- end }}
{{- /* No retry middleware: a repeated POST is a second order, and retries would hide lost requests. */}}
- --serverstransport.forwardingtimeouts.dialtimeout={{ .Values.timeouts.dial }}
- --serverstransport.forwardingtimeouts.responseheadertimeout={{ .Values.timeouts.responseHeader }}
- --serverstransport.forwardingtimeouts.idleconntimeout={{ .Values.timeouts.backendIdle }}
- --providers.providersthrottleduration={{ .Values.throttle }}
- --providers.kubernetesingress=true
- --providers.kubernetesingress.ingressclass={{ .Values.ingressClass.name }}
{{- /* Without a ready pod the answer is 503, which clients retry, not 404, which caches may keep. */}}
- --providers.kubernetesingress.allowemptyservices=true
{{- /* As the Ingress specification says: path /api does not match /apixyz. */}}
- --providers.kubernetesingress.strictprefixmatching=true
{{- with .Values.namespaces }}
- --providers.kubernetesingress.namespaces={{ join "," (append . $.Release.Namespace | uniq) }}
{{- end }}
{{- if include "traefik.publishesStatus" . }}
- --providers.kubernetesingress.ingressendpoint.publishedservice={{ .Release.Namespace }}/{{ .Release.Name }}
{{- end }}
{{- end }}
