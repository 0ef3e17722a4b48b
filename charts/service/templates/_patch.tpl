{{/* The pod template with `patch` over it. Without a patch it is written as it is, so that its bytes stay the same. */}}
{{- define "service.patchedPodTemplate" -}}
{{- if .Values.patch -}}
{{- $template := fromYaml (include "service.podTemplate" .) -}}
{{- include "service.mergeMap" (dict "base" $template "patch" (fromJson .Values.patch)) -}}
{{- toYaml $template -}}
{{- else -}}
{{- include "service.podTemplate" . -}}
{{- end -}}
{{- end }}

{{/*
Changes the map `base` itself: maps merge, null removes, lists that the API merges by a key do so here too, and all else is replaced.
https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/ names the key of each list ("patch merge key")
*/}}
{{- define "service.mergeMap" -}}
{{- $base := .base -}}
{{- $keys := dict "containers" "name" "initContainers" "name" "volumes" "name" "env" "name" "imagePullSecrets" "name" "volumeMounts" "mountPath" "ports" "containerPort" "hostAliases" "ip" -}}
{{- range $key, $value := .patch -}}
  {{- $old := get $base $key -}}
  {{- if kindIs "invalid" $value -}}
    {{- $_ := unset $base $key -}}
  {{- else if and (kindIs "map" $value) (kindIs "map" $old) -}}
    {{- include "service.mergeMap" (dict "base" $old "patch" $value) -}}
  {{- else if and (kindIs "slice" $value) (hasKey $keys $key) -}}
    {{- $by := get $keys $key -}}
    {{- $items := $old | default list -}}
    {{- range $item := $value -}}
      {{- $kept := list -}}
      {{- $found := dict -}}
      {{- range $items -}}
        {{- if eq (toString (get . $by)) (toString (get $item $by)) -}}{{ $_ := set $found "item" . }}{{- end -}}
        {{- if or (ne (toString (get . $by)) (toString (get $item $by))) (ne (get $item "$patch") "delete") -}}{{ $kept = append $kept . }}{{- end -}}
      {{- end -}}
      {{- $items = $kept -}}
      {{- if eq (get $item "$patch") "delete" -}}
      {{- else if $found.item -}}
        {{- include "service.mergeMap" (dict "base" $found.item "patch" $item) -}}
      {{- else -}}
        {{- $new := dict -}}
        {{- include "service.mergeMap" (dict "base" $new "patch" $item) -}}
        {{- $items = append $items $new -}}
      {{- end -}}
    {{- end -}}
    {{- $_ := set $base $key $items -}}
  {{- else if kindIs "map" $value -}}
    {{- $new := dict -}}
    {{- include "service.mergeMap" (dict "base" $new "patch" $value) -}}
    {{- $_ := set $base $key $new -}}
  {{- else -}}
    {{- $_ := set $base $key $value -}}
  {{- end -}}
{{- end -}}
{{- end }}
