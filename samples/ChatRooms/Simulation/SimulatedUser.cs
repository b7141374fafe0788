using System.Net;
using System.Net.WebSockets;

namespace ChatRooms;

/// <summary>
/// One simulated person: opens a session, connects, waits in line, chats, reads back, leaves, and comes again.
/// It notes what it was promised; it knows the server only by its URLs.
/// </summary>
internal sealed class SimulatedUser(int number, Uri server, ClientAddresses addresses, Parties parties, RunChecker checker, TimeProvider time)
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Knock = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(number);
    private readonly HttpClient _http = addresses.Of(number);
    private SessionAnswer? _session;
    private bool _first = true;
    private int _sent;
    private long _lastSeen;
    private RunChecker.Visit? _visit;

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _session ??= await OpenSessionAsync(stopping);
                await using var client = new ChatClient(Note);
                await client.ConnectAsync(server, _http, stopping);
                for (var visits = 1 + _random.Next(6); visits > 0 && !stopping.IsCancellationRequested; visits--)
                    await VisitAsync(client, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is WebSocketException or HttpRequestException or OperationCanceledException)
            {
                // The connection broke or the server did not answer: try again in a moment, as a browser does.
                await PauseAsync(1, 2, stopping).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task<SessionAnswer> OpenSessionAsync(CancellationToken stopping)
    {
        while (true)
        {
            var sent = time.GetTimestamp();
            using var answer = await _http.PostAsJsonAsync(
                new Uri(server, "api/sessions"), new SessionRequest(SmallTalk.NameOf(number)), ChatJson.Default.SessionRequest, stopping);
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                checker.WasAccepted(Policies.Session, addresses.NameOf(number), sent, time.GetTimestamp());
                checker.NewUser();
                return (await answer.Content.ReadFromJsonAsync(ChatJson.Default.SessionAnswer, stopping))!;
            }
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                checker.WasLimited();
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), time, stopping);
        }
    }

    private async Task VisitAsync(ChatClient client, CancellationToken stopping)
    {
        using var wish = parties.Choose(number, _first, _random);
        // The first visit is a long one, so that the house fills up before the first people leave.
        var stay = TimeSpan.FromSeconds((_first ? 8 : 4) + (8 * _random.NextDouble()));
        var patience = TimeSpan.FromSeconds(8 + (12 * _random.NextDouble()));
        _first = false;
        // A few come and go faster than the limit allows.
        for (var knocks = _random.Next(100) == 0 ? 15 : 0; knocks > 0 && !stopping.IsCancellationRequested; knocks--)
        {
            await JoinAsync(client, wish.Room, Knock, stopping);
            await LeaveAsync(client);
        }
        using var going = CancellationTokenSource.CreateLinkedTokenSource(wish.Closing, client.Closed, stopping);
        if (await JoinAsync(client, wish.Room, patience, going.Token))
        {
            going.CancelAfter(stay);
            var visit = checker.Begin(wish.Room, client.Node, time.GetTimestamp());
            Volatile.Write(ref _visit, visit);
            try
            {
                await ChatAsync(client, wish.Room, going.Token);
            }
            finally
            {
                Volatile.Write(ref _visit, null);
                visit.Until = time.GetTimestamp();
            }
        }
        await LeaveAsync(client);
        await PauseAsync(0.1, 0.6, stopping);
    }

    private async Task<bool> JoinAsync(ChatClient client, string room, TimeSpan patience, CancellationToken going)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(going);
        waiting.CancelAfter(patience);
        var inLine = false;
        _lastSeen = 0;
        var sent = time.GetTimestamp();
        await client.SendAsync(new ClientFrame("join", _session!.Session, room), CancellationToken.None);
        try
        {
            while (await client.NextAsync(waiting.Token) is { } frame)
            {
                switch (frame.Type)
                {
                    case "waiting" when !inLine:
                        inLine = true;
                        checker.WasAccepted(Policies.Join, _session.UserId, sent, time.GetTimestamp());
                        checker.StoodInLine();
                        break;
                    case "admitted":
                        if (!inLine)
                            checker.WasAccepted(Policies.Join, _session.UserId, sent, time.GetTimestamp());
                        return true;
                    case "limited":
                        checker.WasLimited();
                        return false;
                    case "refused" or "error":
                        return false;
                }
            }
            throw new WebSocketException("The server closed the connection.");
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ChatAsync(ChatClient client, string room, CancellationToken going)
    {
        try
        {
            // Some read back, and a few of them reload faster than the limit allows.
            if (_random.Next(4) == 0)
            {
                for (var reads = _random.Next(10) == 0 ? 25 : 1; reads > 0; reads--)
                    await new HistoryReader(server, _http, _session!, checker, time).WalkAsync(room, pages: 3, pageSize: 50, going);
            }
            while (true)
            {
                await PauseAsync(2, 8, going);
                // Some talk faster than the limit allows.
                for (var posts = _random.Next(20) == 0 ? 8 : 1; posts > 0 && !going.IsCancellationRequested; posts--)
                    await PostAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The stay is over.
        }
    }

    private async Task PostAsync(ChatClient client)
    {
        var reference = $"{++_sent}";
        var text = SmallTalk.Say(_random);
        using var patience = new CancellationTokenSource(AnswerPatience, time);
        var sent = time.GetTimestamp();
        await client.SendAsync(new ClientFrame("post", Ref: reference, Text: text), patience.Token);
        while (await client.NextAsync(patience.Token) is { } frame)
        {
            if (frame.Ref != reference)
                continue;
            if (frame.Type == "ack")
            {
                checker.WasAccepted(Policies.Post, _session!.UserId, sent, time.GetTimestamp());
                Volatile.Read(ref _visit)?.Posted.Enqueue(MessageKey.NumberOf(frame.Id!));
                checker.WasAcknowledged(frame.Id!, new RunChecker.Acknowledged(_session.UserId, reference, text, sent, time.GetTimestamp()));
            }
            else if (frame.Type == "limited")
            {
                checker.WasLimited();
            }
            return;
        }
        throw new WebSocketException("The server closed the connection.");
    }

    private async Task LeaveAsync(ChatClient client)
    {
        using var patience = new CancellationTokenSource(AnswerPatience, time);
        await client.SendAsync(new ClientFrame("leave"), patience.Token);
        while (await client.NextAsync(patience.Token) is { } frame)
        {
            if (frame.Type == "left")
                return;
        }
    }

    private void Note(ReceivedFrame message)
    {
        if (message.Number <= _lastSeen)
            checker.Broken.Enqueue($"message {message.Id} came after number {_lastSeen}");
        _lastSeen = message.Number ?? 0;
        Volatile.Read(ref _visit)?.Numbers.Enqueue(_lastSeen);
    }

    private Task PauseAsync(double least, double most, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())), time, cancellationToken);
}
