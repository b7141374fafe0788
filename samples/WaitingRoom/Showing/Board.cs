using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace WaitingRoom;

/// <summary>What is going on, redrawn while it changes; where no person looks, a line each second.</summary>
internal sealed class Board(IReadOnlyList<Node> nodes, IReadOnlyList<string> rooms, IReadOnlyList<Visitor> visitors, SeatBook book)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private readonly List<string> _events = [];

    public void Tell(string happened)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(_startedAt).TotalSeconds,6:0.0} s  {happened}");
        _events.Add(line);
        if (Console.IsOutputRedirected)
            Console.WriteLine(line);
    }

    /// <param name="story">Runs while the board is shown; gets a function that waits until something holds, or a time is over, and draws meanwhile.</param>
    public async Task ShowAsync(Func<Func<TimeSpan, Func<bool>, Task>, Task> story)
    {
        if (Console.IsOutputRedirected)
        {
            var lines = 0;
            await story((time, until) => DuringAsync(time, until, () =>
            {
                if (lines++ % 5 == 0)
                    Tell(Line());
            }));
            return;
        }

        await AnsiConsole.Live(Draw()).StartAsync(context => story((time, until) => DuringAsync(time, until, () => context.UpdateTarget(Draw()))));
    }

    private static async Task DuringAsync(TimeSpan time, Func<bool> until, Action draw)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        for (var drawnAt = 0L; !until() && TimeProvider.System.GetElapsedTime(startedAt) < time;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            if (TimeProvider.System.GetElapsedTime(drawnAt) >= Pause)
            {
                drawnAt = TimeProvider.System.GetTimestamp();
                draw();
            }
        }
    }

    private string Line() => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join(", ", nodes.Select(node => $"{node.Name}: {book.Count(node)} seats, {Waiting(node)} waiting"))}; {book.Count()} of {NodeApp.TotalCapacity} seats");

    private int Waiting(Node node, string? room = null) => visitors.Count(visitor =>
        visitor.Position > 0 && ReferenceEquals(visitor.Node, node) && (room is null || string.Equals(visitor.Room, room, StringComparison.Ordinal)));

    private Rows Draw()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns(["room", .. nodes.Select(node => $"server {node.Name}"), "seats", "waiting"]);
        foreach (var room in rooms)
            table.AddRow([room, .. nodes.Select(node => Bar(book.Count(node, room))), $"{book.Count(room: room)} of {NodeApp.RoomCapacity}", $"{nodes.Sum(node => Waiting(node, room))}"]);
        table.AddRow(["all", .. nodes.Select(node => $"{book.Count(node)}"), $"{book.Count()} of {NodeApp.TotalCapacity}", $"{nodes.Sum(node => Waiting(node))}"]);
        var screens = new Table().Border(TableBorder.None).AddColumns("who", "room", "server", "sees");
        foreach (var visitor in visitors.Take(8))
            screens.AddRow(visitor.Name, visitor.Room, visitor.Node?.Name ?? "", visitor.Screen);
        return new Rows([table, screens, .. _events.TakeLast(6).Select(IRenderable (line) => new Text(line))]);
    }

    private static string Bar(int seats) => $"[green]{new string('■', seats)}[/]";
}
