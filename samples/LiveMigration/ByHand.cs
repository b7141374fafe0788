using ScaleKit.Migration;

namespace LiveMigration;

/// <summary>The runner's words on a command line. A backfill or a verification goes on behind the prompt, so that it can be paused.</summary>
internal sealed class ByHand(Place place, SampleOptions options)
{
    private const string Words = "status, advance, back, backfill, verify, repair, pause, resume, off, on or quit";

    public async Task<int> RunAsync(TextReader input, TextWriter output)
    {
        if (!File.Exists(Path.Combine(place.Folder, "old.db")))
        {
            await SeedRows.WriteAsync(place, options.Rows, static _ => { });
        }

        await using var migration = new RunningMigration(place);
        var work = Task.CompletedTask;
        await output.WriteLineAsync(Words);
        await output.WriteLineAsync((await migration.Runner.GetStatusAsync()).ToString());
        while (await input.ReadLineAsync() is { } line && line != "quit")
        {
            if (line is "backfill" or "verify" or "repair")
            {
                await work;
                work = WorkAsync(migration.Runner, line, output);
            }
            else
            {
                await output.WriteLineAsync(await AnswerAsync(migration.Runner, line));
            }
        }

        migration.Runner.Resume();
        await work;
        return 0;
    }

    private static async Task WorkAsync(MigrationRunner<string, string> runner, string line, TextWriter output)
    {
        try
        {
            await output.WriteLineAsync(line == "backfill"
                ? $"backfill: {(await runner.BackfillAsync()).Applied} rows copied"
                : Text(await runner.VerifyAsync(repair: line == "repair")));
        }
        catch (MigrationStateException refused)
        {
            await output.WriteLineAsync(refused.Message);
        }
    }

    private static string Text(VerificationReport report) =>
        $"verification: {report.Compared} rows compared, {report.Differences} differences, {report.InFlight} on their way, {report.Repaired} repaired, {report.Lost} lost";

    private static async Task<string> AnswerAsync(MigrationRunner<string, string> runner, string line)
    {
        switch (line)
        {
            case "advance" or "back":
                var move = line == "advance" ? await runner.AdvanceAsync() : await runner.BackAsync();
                return move.Moved ? (await runner.GetStatusAsync()).ToString() : string.Join(' ', move.Missing);
            case "pause":
                runner.Pause();
                break;
            case "resume":
                runner.Resume();
                break;
            case "off" or "on":
                runner.IsEnabled = line == "on";
                break;
            case not "status":
                return Words;
        }

        return (await runner.GetStatusAsync()).ToString();
    }
}
