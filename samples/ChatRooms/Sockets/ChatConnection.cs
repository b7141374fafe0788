using System.Diagnostics;
using System.Net.WebSockets;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>One WebSocket from its first frame to its end. Frames of one connection are handled one after the other.</summary>
internal sealed class ChatConnection(
    WebSocket socket, FrontDesk desk, SessionService sessions, RoomCatalog catalog, PolicyRateLimiter limiter, ChatMetrics metrics,
    TimeProvider time, ILogger<ChatConnection> logger)
{
    private const int MostMistakes = 5;

    private readonly Outbox _outbox = new(socket);
    private Session? _session;
    private string? _token;
    private int _mistakes;
    private CancellationTokenSource? _leaving;
    private Task<Seat?>? _seat;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var writer = _outbox.RunAsync();
        var status = WebSocketCloseStatus.NormalClosure;
        try
        {
            status = await ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            status = WebSocketCloseStatus.EndpointUnavailable;
        }
        finally
        {
            await LeaveAsync();
            _outbox.Complete();
            await writer;
            await CloseAsync(status);
        }
    }

    private async Task<WebSocketCloseStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var reader = new FrameReader(socket);
        while (true)
        {
            var (text, end) = await reader.NextAsync(cancellationToken);
            switch (end)
            {
                case FrameEnd.Closed or FrameEnd.Broken:
                    return WebSocketCloseStatus.NormalClosure;
                case FrameEnd.TooBig:
                    Mistake("too_big", $"A frame has at most {FrameReader.MaximumBytes} bytes.");
                    return WebSocketCloseStatus.MessageTooBig;
                case FrameEnd.Binary:
                    Mistake("binary", "Frames are JSON text.");
                    return WebSocketCloseStatus.InvalidMessageType;
            }
            await HandleAsync(text, cancellationToken);
            if (_mistakes >= MostMistakes)
                return WebSocketCloseStatus.PolicyViolation;
        }
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        ClientFrame? frame;
        try
        {
            frame = JsonSerializer.Deserialize(text.Span, ChatJson.Default.ClientFrame);
        }
        catch (JsonException)
        {
            frame = null;
        }
        switch (frame?.Type)
        {
            case "join":
                await JoinAsync(frame, cancellationToken);
                break;
            case "post":
                await PostAsync(frame, cancellationToken);
                break;
            case "leave":
                await LeaveAsync();
                _outbox.Send(new LeftFrame(), ChatJson.Default.LeftFrame);
                break;
            default:
                Mistake("bad_frame", "A frame is a JSON object with \"type\": join, post or leave.");
                break;
        }
    }

    private async Task JoinAsync(ClientFrame frame, CancellationToken cancellationToken)
    {
        if (_seat is { IsCompleted: true, Result: null })
            await LeaveAsync();
        if (_seat is not null)
        {
            Mistake("in_a_room", "Leave the room or the line first.");
            return;
        }
        _token = frame.Session;
        _session = await sessions.FindAsync(_token, cancellationToken);
        if (_session is null)
        {
            Mistake("no_session", "Open a session first: POST /api/sessions.");
            return;
        }
        var room = catalog.Find(frame.Room);
        if (room is null)
        {
            Mistake("unknown_room", "There is no such room.");
            return;
        }
        var decision = await limiter.AcquireAsync(Policies.Join, _session.UserId, 1, cancellationToken);
        if (!decision.IsAcquired)
        {
            SendLimited(Policies.Join, reference: null, decision);
            return;
        }
        _leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _seat = TakeSeatAsync(_session, room, _leaving.Token);
    }

    private async Task<Seat?> TakeSeatAsync(Session session, string room, CancellationToken cancellationToken)
    {
        try
        {
            var seat = await desk.SeatAsync(session, room, _outbox, cancellationToken);
            if (seat is not null)
                _outbox.Send(new AdmittedFrame(room), ChatJson.Default.AdmittedFrame);
            return seat;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            logger.LogError(failure, "A room could not be opened.");
            _outbox.Send(new RefusedFrame(room, "Unavailable", "The room cannot be opened just now. Please try again.", RetryAfterMilliseconds: null), ChatJson.Default.RefusedFrame);
            return null;
        }
    }

    private async Task PostAsync(ClientFrame frame, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (_seat is not { IsCompletedSuccessfully: true, Result: { } seat } || _session is null)
        {
            Mistake("no_seat", "Join a room first.", frame.Ref);
            return;
        }
        if (!TextRules.TryRef(frame.Ref, out var problem) || !TextRules.TryMessage(frame.Text, out var text, out problem))
        {
            Mistake("bad_message", problem);
            return;
        }
        if (await sessions.FindAsync(_token, cancellationToken) is null)
        {
            Mistake("no_session", "Your session has ended.", frame.Ref);
            await LeaveAsync();
            return;
        }
        var decision = await limiter.AcquireAsync(Policies.Post, _session.UserId, 1, cancellationToken);
        if (!decision.IsAcquired)
        {
            SendLimited(Policies.Post, frame.Ref, decision);
            return;
        }
        var message = new ChatMessage(_session.UserId, _session.Nickname, frame.Ref!, text, time.GetUtcNow().ToUnixTimeMilliseconds());
        try
        {
            var (id, number) = await seat.PostAsync(message, cancellationToken);
            metrics.MessagePosted(started);
            _outbox.Send(new AckFrame(frame.Ref!, id, number), ChatJson.Default.AckFrame);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Whether it is stored is unknown: it is not acknowledged, and the person may say it again.
            logger.LogError(failure, "A message could not be stored.");
            _outbox.Send(new ErrorFrame("not_stored", "The message may not have been stored. Please try again.", frame.Ref), ChatJson.Default.ErrorFrame);
        }
    }

    private async Task LeaveAsync()
    {
        if (_seat is null)
            return;
        await _leaving!.CancelAsync();
        if (await _seat is { } seat)
            await seat.DisposeAsync();
        _leaving.Dispose();
        _seat = null;
    }

    private void Mistake(string code, string text, string? reference = null)
    {
        _mistakes++;
        _outbox.Send(new ErrorFrame(code, text, reference is { Length: <= TextRules.RefLength } ? reference : null), ChatJson.Default.ErrorFrame);
    }

    private void SendLimited(string policy, string? reference, RateLimitDecision decision) =>
        _outbox.Send(new LimitedFrame(policy, reference, (long)Math.Ceiling(decision.RetryAfter.TotalMilliseconds)), ChatJson.Default.LimitedFrame);

    private async Task CloseAsync(WebSocketCloseStatus status)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        try
        {
            await socket.CloseOutputAsync(status, statusDescription: null, patience.Token);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            socket.Abort();
        }
    }
}
