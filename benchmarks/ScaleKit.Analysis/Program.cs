using ScaleKit.Analysis;
using ScaleKit.Analysis.Admission;
using ScaleKit.Analysis.Caching;
using ScaleKit.Analysis.Chaos;
using ScaleKit.Analysis.Load;
using ScaleKit.Analysis.Migrations;
using ScaleKit.Analysis.RateLimiting;
using ScaleKit.Analysis.Scale;
using ScaleKit.Analysis.Sharding;
using Spectre.Console;

// A file and a pipe have no width of their own, and no colours.
if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 160;
    AnsiConsole.Profile.Capabilities.Ansi = false;
}

// A new analysis joins here.
AnalysisCommand[] commands =
[
    RingBalance.Command, RingMovement.Command, PlanPreview.Command, HitRate.Command, CacheStaleness.Command, CacheLoad.Command, WindowAccuracy.Command,
    LimiterLoad.Command, AdmissionFairness.Command, AdmissionLoad.Command, AdmissionCancel.Command, AdmissionGrant.Command,
    MigrationSpeed.Command, ScaleReport.Command, ChatLoad.Command, ChaosRun.Command,
];

var command = commands.FirstOrDefault(c => args.Length > 0 && string.Equals(c.Name, args[0], StringComparison.Ordinal));
if (command is null)
{
    var table = new Table().AddColumns("command", "what it shows", "options");
    foreach (var known in commands)
    {
        table.AddRow(known.Name, known.Summary, Markup.Escape(string.Join(' ', known.Options.Select(o => $"--{o.Key} {o.Value}"))));
    }

    AnsiConsole.Write(table);
    return args is [] or ["--help"] ? 0 : 2;
}

if (!AnalysisArguments.TryParse(command, args.AsSpan(1), out var arguments, out var error))
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

var report = new AnalysisReport(command.Name, arguments.JudgesTime);
try
{
    await command.RunAsync(arguments, report);
}
catch (ArgumentException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 2;
}

return report.Finish();
