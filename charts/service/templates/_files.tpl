{{/* Where a container may write. */}}
{{- define "service.writableMounts" -}}
- name: tmp
  mountPath: /tmp
{{- range $index, $path := .Values.tmp.paths }}
- name: tmp-{{ $index }}
  mountPath: {{ $path | quote }}
{{- end }}
{{- with .Values.volume }}
- name: data
  mountPath: {{ include "service.plain" (list "volume.mountPath" .mountPath) }}
{{- end }}
{{- end }}

{{/*
Files, each mounted by itself, so that the folder keeps what the image has in it. Such a mount does not follow a change of its ConfigMap
or Secret, and need not: another content has another name, which rolls the pods. Takes root and secretFiles.
*/}}
{{- define "service.fileMounts" -}}
{{- range .root.Values.files }}
- name: files
  mountPath: {{ .path | quote }}
  subPath: {{ .key | quote }}
  readOnly: true
{{- end }}
{{- $wanted := list }}
{{- range .secretFiles }}{{ $wanted = append $wanted .path }}{{ end }}
{{- range $index, $file := .root.Values.secretFiles }}
{{- if has .path $wanted }}
- name: secret-files
  mountPath: {{ .path | quote }}
  subPath: {{ $index | quote }}
  readOnly: true
{{- end }}
{{- end }}
{{- end }}

{{- define "service.fileVolumes" -}}
{{- if .Values.files }}
- name: files
  configMap:
    name: {{ include "service.plain" (list "filesName" .Values.filesName) }}
{{- end }}
{{- with .Values.secretFiles }}
- name: secret-files
  projected:
    {{- /* 0440: the process reads them by its group. */}}
    defaultMode: 288
    sources:
      {{- range $index, $file := . }}
      - secret:
          name: {{ .secret | default $.Values.secretFilesName | quote }}
          items:
            - { key: {{ .key | quote }}, path: {{ $index | quote }} }
      {{- end }}
{{- end }}
{{- end }}

{{/* Volumes of the pods that the service's own image runs in. */}}
{{- define "service.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ include "service.plain" (list "tmp.sizeLimit" .Values.tmp.sizeLimit) }}
{{- range $index, $path := .Values.tmp.paths }}
- name: tmp-{{ $index }}
  emptyDir:
    sizeLimit: {{ include "service.plain" (list "tmp.sizeLimit" $.Values.tmp.sizeLimit) }}
{{- end }}
{{- with include "service.fileVolumes" . | trim }}
{{ . }}
{{- end }}
{{- end }}
