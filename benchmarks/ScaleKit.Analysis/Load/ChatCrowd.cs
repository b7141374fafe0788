using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace ScaleKit.Analysis.Load;

/// <summary>The people: each has a session, a WebSocket to one of the nodes, and a seat or a place in a line. Watches that the caps hold, as seen from outside.</summary>
internal sealed class ChatCrowd(IReadOnlyList<Uri> nodes, int seats) : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, MaxConnectionsPerServer = 64 });
    private readonly List<ChatPerson> _people = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _inRoom = new(StringComparer.Ordinal);
    private List<ChatPerson> _seated = [];

    /// <summary>Those who have a seat, in the order in which they got it. Nobody leaves.</summary>
    public IReadOnlyList<ChatPerson> Seated => _seated;

    public int MostSeats { get; private set; }

    public int MostInRoom { get; private set; }

    /// <summary>Seats given while all were taken, whole or in a room.</summary>
    public int SeatedTooMany { get; private set; }

    public async Task ArriveAsync(int people, ProgressContext progress)
    {
        var task = progress.AddTask($"{people} people", maxValue: people);
        var rooms = (await _http.GetFromJsonAsync<string[]>(new Uri(nodes[0], "api/rooms")))!;
        var used = Math.Max(1, seats / ChatNodes.RoomSeats);
        for (var number = 0; number < people; number++)
        {
            var node = nodes[number % nodes.Count];
            using var answer = await _http.PostAsJsonAsync(new Uri(node, "api/sessions"), new JsonObject { ["nickname"] = $"Person {number}" });
            answer.EnsureSuccessStatusCode();
            var session = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["session"]!.GetValue<string>();
            var person = new ChatPerson(_http, node, session, rooms[number % used], Admitted);
            _people.Add(person);
            await person.JoinAsync();
            task.Increment(1);
        }

        // Only those for whom there is a seat: the others stand in line to the end.
        await TestKit.Eventually.HoldsAsync(() => _seated.Count >= Math.Min(seats / ChatNodes.RoomSeats * ChatNodes.RoomSeats, people), "everybody for whom there is a seat has it");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var person in _people)
        {
            await person.DisposeAsync();
        }

        _http.Dispose();
    }

    private void Admitted(ChatPerson person)
    {
        lock (_gate)
        {
            _inRoom[person.Room] = _inRoom.GetValueOrDefault(person.Room) + 1;
            _seated = [.. _seated, person];
            SeatedTooMany += _inRoom[person.Room] > ChatNodes.RoomSeats || _seated.Count > seats ? 1 : 0;
            (MostSeats, MostInRoom) = (_seated.Count, Math.Max(MostInRoom, _inRoom[person.Room]));
        }
    }
}
