{{/* Traefik's static configuration: one public entry point, no dashboard, no API, no call home. */}}
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
{{- if .Values.metricsFrom }}
- --entrypoints.metrics.address=:9100
- --metrics.prometheus=true
- --metrics.prometheus.entrypoint=metrics
{{- /* Seconds. With Traefik's own (0.1, 0.3, 1.2, 5) a 95th percentile of 40 ms and one of 90 ms are the same. */}}
- --metrics.prometheus.buckets=0.005,0.01,0.025,0.05,0.075,0.1,0.15,0.2,0.3,0.4,0.5,0.75,1,1.5,2,3,5,10
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
{{- if include "traefik.readsRoutes" . }}
- --providers.kubernetescrd=true
{{- /* Otherwise it would serve the IngressRoutes of another Traefik in the cluster too. */}}
- --providers.kubernetescrd.ingressclass={{ .Values.ingressClass.name }}
{{- /* Otherwise a canary without a ready pod takes the whole route away, with the pods of the stable version. */}}
- --providers.kubernetescrd.allowemptyservices=true
{{- with .Values.namespaces }}
- --providers.kubernetescrd.namespaces={{ join "," . }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Whether the provider kubernetescrd runs. Once it does, it stays: the add-ons change before the services, and a canary that is under way
would lose its weights.
*/}}
{{- define "traefik.readsRoutes" -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace .Release.Name -}}
{{- $args := list -}}
{{- range dig "spec" "template" "spec" "containers" list $live }}{{ $args = concat $args (.args | default list) }}{{ end -}}
{{- if or .Values.kubernetesCRD (has "--providers.kubernetescrd=true" $args) }}true{{ end -}}
{{- end }}
