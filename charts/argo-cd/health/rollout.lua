local status = obj.status or {}
if tonumber(status.observedGeneration) ~= tonumber(obj.metadata.generation) then
  return { status = "Progressing", message = "Argo Rollouts has not read it yet" }
end
-- The controller looks again after 20 s: it may not know yet what the Rollout names.
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "InvalidSpec" and condition.status == "True" then
    return { status = "Progressing", message = condition.message }
  end
end
local phase = status.phase or "Progressing"
if phase ~= "Paused" then
  return { status = phase, message = status.message }
end
local waits = obj.spec.paused == true
local strategy = obj.spec.strategy
for _, condition in ipairs(status.pauseConditions or {}) do
  if condition.reason == "InconclusiveAnalysisRun" then
    waits = true
  elseif condition.reason == "BlueGreenPause" then
    waits = waits or strategy.blueGreen.autoPromotionEnabled == false
  elseif condition.reason == "CanaryPauseStep" then
    local step = strategy.canary.steps[(status.currentStepIndex or 0) + 1]
    waits = waits or (step ~= nil and step.pause ~= nil and step.pause.duration == nil)
  end
end
return { status = waits and "Suspended" or "Progressing", message = status.message }
