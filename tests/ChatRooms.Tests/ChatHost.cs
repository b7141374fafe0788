using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ChatRooms.Tests;

/// <summary>The whole application on a free port of this machine, with a temporary folder and small caps.</summary>
public sealed class ChatHost : IAsyncLifetime
{
    private readonly DataFolder _folder = new(null);
    private readonly ClientAddresses _addresses = new();
    private readonly Dictionary<string, string?> _settings;
    private readonly int _people;
    private WebApplication? _app;
    private int _person;

    public ChatHost()
        : this(people: 0)
    {
    }

    internal ChatHost(int people, params (string Name, string Value)[] settings)
    {
        _people = people;
        _settings = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value, StringComparer.Ordinal);
    }

    public Uri Server { get; private set; } = new("http://localhost");

    internal WebApplication App => _app!;

    internal DataFolder Folder => _folder;

    public async Task InitializeAsync()
    {
        _app = await ChatServer.StartAsync(
            new ChatOptions { Simulate = _people }, _folder, "http://127.0.0.1:0", builder => builder.Configuration.AddInMemoryCollection(_settings));
        Server = ChatServer.AddressOf(_app);
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        _addresses.Dispose();
        _folder.Dispose();
    }

    internal T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>A client from an address that no other test uses, so that limits per address do not meet.</summary>
    internal HttpClient NewClient() => _addresses.Of(8 * Interlocked.Increment(ref _person));

    internal async Task<(HttpClient Http, SessionAnswer Session)> NewPersonAsync(string nickname = "Ada")
    {
        var http = NewClient();
        using var answer = await http.PostAsJsonAsync(new Uri(Server, "api/sessions"), new SessionRequest(nickname), ChatJson.Default.SessionRequest);
        answer.EnsureSuccessStatusCode();
        return (http, (await answer.Content.ReadFromJsonAsync(ChatJson.Default.SessionAnswer))!);
    }

    internal async Task<ChatClient> ConnectAsync(HttpClient? http = null, Action<ReceivedFrame>? onMessage = null)
    {
        var client = new ChatClient(onMessage);
        await client.ConnectAsync(Server, http ?? NewClient(), CancellationToken.None);
        return client;
    }

    internal async Task<ChatClient> JoinAsync(string room, string nickname = "Ada", Action<ReceivedFrame>? onMessage = null)
    {
        var (http, session) = await NewPersonAsync(nickname);
        var client = await ConnectAsync(http, onMessage);
        await client.SendAsync(new ClientFrame("join", session.Session, room), CancellationToken.None);
        return client;
    }
}
