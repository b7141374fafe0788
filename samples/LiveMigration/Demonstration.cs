using ScaleKit.Migration;
using Spectre.Console;

namespace LiveMigration;

/// <summary>Starts workers, kills them at their worst moments, and looks at the rows with plain SQL when the last one has reached the end of the ladder.</summary>
internal sealed class Demonstration(Place place, SampleOptions options)
{
    private readonly Book _book = new(options.Rows);
    private readonly Queue<(string What, Func<MigrationProgress, bool> Moment)> _kills = new(
    [
        ("in the middle of the backfill", static p => p is { Step: MigrationStep.Backfilling, Fraction: >= 0.4 }),
        ("on the rung where reads have just gone to the new store", static p => p.Phase >= MigrationPhase.ReadNew),
    ]);

    public async Task<int> RunAsync()
    {
        place.RefuseIfUsed();
        try
        {
            var reached = await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(async context =>
                {
                    var view = new ProgressView(context, options.Rows);
                    await SeedRows.WriteAsync(place, options.Rows, view.Seeded);
                    var life = 1;
                    while (!await LiveAsync(life, view))
                    {
                        life++;
                    }

                    return life;
                });
            return await JudgeAsync(reached - 1);
        }
        finally
        {
            if (place.Postgres is not null)
            {
                await ExecuteAsync($"""DROP TABLE IF EXISTS "{place.NewTable}", "{place.NewTable}_outbox", "{place.NewTable}_fence" """);
            }
        }
    }

    // One worker, until it is killed or done. Whatever it said before it died counts.
    private async Task<bool> LiveAsync(int life, ProgressView view)
    {
        using var worker = new WorkerProcess(place, options.Rows, life);
        var (done, killed) = (false, false);
        await foreach (var line in worker.LinesAsync())
        {
            _book.Read(line);
            done |= line == "end";
            if (ProgressView.Parse(line) is not { } progress)
            {
                continue;
            }

            view.Show(progress);
            if (!killed && _kills.TryPeek(out var kill) && kill.Moment(progress))
            {
                killed = true;
                worker.Kill();
                _kills.Dequeue();
                AnsiConsole.MarkupLineInterpolated($"[red]kill -9[/] {kill.What}; another process goes on");
            }
        }

        return done || (killed ? false : throw new IOException("The worker has ended before it was done."));
    }

    private async Task<int> JudgeAsync(int kills)
    {
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var connection = place.ConnectNew();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"""SELECT "key", "value" FROM "{place.NewTable}" WHERE row_deleted = 0""";
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0), reader.GetString(1));
        }

        var (lost, duplicated, resurrected) = _book.Check(rows);
        Console.WriteLine(
            $"RESULT rows={options.Rows} writes={_book.Acknowledged} unknown={_book.Unknown} kills={kills} live_rows={rows.Count} lost={lost} duplicated={duplicated} resurrected={resurrected}");
        return lost == 0 && duplicated == 0 && resurrected == 0 ? 0 : 1;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = place.ConnectNew();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
