using System.Net.WebSockets;

namespace WaitingRoom;

/// <summary>Somebody who wants a seat again and again: connects, waits, sits for a while, goes and comes back.</summary>
internal sealed class Visitor(string name, string room, Func<Node> chooseNode, SeatBook book)
{
    private static readonly TimeSpan MeanStay = TimeSpan.FromSeconds(1.5);
    private int _lastPosition;

    public string Name { get; } = name;

    public string Room { get; } = room;

    /// <summary>The server that it is connected to.</summary>
    public Node? Node { get; private set; }

    /// <summary>Its place in the line; 0 while it does not wait.</summary>
    public int Position { get; private set; }

    /// <summary>What it sees on its screen.</summary>
    public string Screen { get; private set; } = "";

    public int Seated { get; private set; }

    public int Updates { get; private set; }

    /// <summary>Times that it was told a worse place than before, in one wait.</summary>
    public int SetBacks { get; private set; }

    /// <summary>Connections that broke.</summary>
    public int Broken { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await VisitAsync(stop);
                await Task.Delay(Random.Shared.NextDouble() * TimeSpan.FromSeconds(3), TimeProvider.System, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task VisitAsync(CancellationToken stop)
    {
        SeatBook.Seat? seat = null;
        using var socket = new ClientWebSocket();
        try
        {
            Node = chooseNode();
            await socket.ConnectAsync(new Uri(Node.Address, $"rooms/{Room}?name={Name}"), stop);
            _lastPosition = int.MaxValue;
            while (await Frame.ReceiveAsync(socket, stop) is { } frame)
            {
                Show(frame);
                if (frame.Kind is not Frame.Seated)
                    continue;
                seat = book.Take(Node, Room);
                Seated++;
                await SitAsync(socket, seat, stop);
                return;
            }
        }
        catch (WebSocketException)
        {
            stop.ThrowIfCancellationRequested();
            Broken++;
            Screen = "the connection broke: once more";
        }
        finally
        {
            Position = 0;
            if (seat is not null)
                book.GiveBack(seat);
        }
    }

    private async Task SitAsync(ClientWebSocket socket, SeatBook.Seat seat, CancellationToken stop)
    {
        // Reads on meanwhile: that is how a broken connection shows.
        var reading = Frame.ReceiveAsync(socket, stop).AsTask();
        await Task.WhenAny(reading, Task.Delay(Random.Shared.NextDouble() * 2 * MeanStay, TimeProvider.System, stop));
        book.GiveBack(seat);
        if (!reading.IsCompleted)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, stop);
        await reading;
        Screen = "left";
    }

    private void Show(Frame frame)
    {
        Screen = frame.Kind switch
        {
            Frame.Waiting => $"number {frame.Position}{(frame.Seconds is { } seconds ? $", about {seconds} s" : "")} ({frame.Cap} is full)",
            Frame.Seated => "seated",
            _ => $"refused: {frame.Cap}",
        };
        Position = frame.Position;
        if (frame.Kind is Frame.Waiting)
        {
            Updates++;
            SetBacks += frame.Position > _lastPosition ? 1 : 0;
            _lastPosition = frame.Position;
        }
    }
}
