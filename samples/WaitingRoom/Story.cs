using System.Globalization;

namespace WaitingRoom;

/// <summary>The crowd comes, the line forms and moves; with two servers one of them is killed, and its seats come back.</summary>
internal sealed class Story(SampleOptions options)
{
    private const int Few = NodeApp.TotalCapacity / 4;
    private static readonly string[] Rooms = ["lobby", "garden", "attic", "cellar"];
    private static readonly string[] Names = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hal"];
    private static readonly TimeSpan Deadline = NodeApp.StoreLease + TimeSpan.FromSeconds(15);
    private readonly SeatBook _book = new();
    private readonly List<Node> _nodes = [];
    private volatile Node[] _alive = [];

    public async Task<int> RunAsync()
    {
        try
        {
            await StartNodesAsync();
            return await CrowdAsync();
        }
        finally
        {
            foreach (var node in _nodes)
                await node.DisposeAsync();
        }
    }

    private async Task StartNodesAsync()
    {
        foreach (var name in options.Redis is null ? (string[])["A"] : ["A", "B"])
            _nodes.Add(options.Redis is null ? await Node.InThisProcessAsync(name, options) : await Node.InItsOwnProcessAsync(name, options));
        _alive = [.. _nodes];
    }

    private async Task<int> CrowdAsync()
    {
        using var stop = new CancellationTokenSource();

        // Most people want two rooms; the others are empty now and then, and a room that is empty gives its place among the active ones to the next.
        var visitors = Enumerable.Range(0, options.People).Select(i => new Visitor(
            i < Names.Length ? Names[i] : string.Create(CultureInfo.InvariantCulture, $"visitor{i}"),
            Rooms[(i % 15) switch { < 8 => 0, < 13 => 1, var last => last - 11 }],
            () => _alive is var alive ? alive[i % alive.Length] : throw new InvalidOperationException(),
            _book)).ToList();
        var board = new Board(_nodes, Rooms, visitors, _book);
        var running = visitors.Select(visitor => visitor.RunAsync(stop.Token)).ToArray();
        var (back, isFull) = (TimeSpan.Zero, false);
        await board.ShowAsync(async wait =>
        {
            await wait(Deadline, IsFull);
            isFull = IsFull();
            board.Tell($"all {NodeApp.TotalCapacity} seats are taken; {visitors.Count(visitor => visitor.Position > 0)} people wait");
            await wait(options.Duration / 2, static () => false);
            if (_nodes.Count > 1)
                back = await KillAsync(board, wait);
            await wait(options.Duration / 2, static () => false);
        });
        _book.Ends();
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return Conclude(visitors, back, isFull);
    }

    private bool IsFull() => _book.Count() == NodeApp.TotalCapacity;

    private async Task<TimeSpan> KillAsync(Board board, Func<TimeSpan, Func<bool>, Task> wait)
    {
        var victim = _nodes[^1];

        // By chance all the seats may be at the other server just now: then nothing would be seen to come back.
        await wait(Deadline, () => _book.Count(victim) >= Few);
        _alive = [.. _nodes.SkipLast(1)];
        var seats = _book.Dies(victim);
        var killedAt = TimeProvider.System.GetTimestamp();
        await victim.KillAsync();
        board.Tell($"server {victim.Name} is killed with {seats} seats; its visitors go to server {_alive[0].Name}, to the end of the line");
        await wait(Deadline, IsFull);
        var back = TimeProvider.System.GetElapsedTime(killedAt);
        board.Tell(string.Create(
            CultureInfo.InvariantCulture, $"all {NodeApp.TotalCapacity} seats are in use again after {back.TotalSeconds:0.0} s; the lease is {NodeApp.StoreLease.TotalSeconds:0} s"));
        return back;
    }

    private int Conclude(List<Visitor> visitors, TimeSpan back, bool isFull)
    {
        var (seated, updates, setBacks) = (visitors.Sum(v => v.Seated), visitors.Sum(v => v.Updates), visitors.Sum(v => v.SetBacks));

        // With two servers a place is the own server's guess until Redis has answered, so the first one may be too good.
        var isKept = _book.Most <= NodeApp.TotalCapacity && _book.MostInRoom <= NodeApp.RoomCapacity && _book.MostRooms <= NodeApp.ActiveRooms;
        Console.WriteLine();
        if (_book.Excess is { } excess)
            Console.WriteLine($"more than a cap allows: {excess}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"RESULT nodes={_nodes.Count} seated={seated} most_seats={_book.Most} most_in_room={_book.MostInRoom} most_rooms={_book.MostRooms} position_updates={updates} set_backs={setBacks} never_seated={visitors.Count(v => v.Seated == 0)} broken_connections={visitors.Sum(v => v.Broken)} seats_back_ms={back.TotalMilliseconds:0}"));
        return isKept && isFull && updates > 0 && (setBacks == 0 || _nodes.Count > 1) && back < Deadline ? 0 : 1;
    }
}
