using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

public sealed class AdmissionGateTests
{
    [Fact]
    public async Task WebSocket_Admitted_HoldsTheSeatUntilItCloses()
    {
        await using var app = await StartAsync(capacity: 1);
        using (var socket = await app.ConnectAsync("/ws/blue"))
        {
            Assert.Equal("blue", await ReadAsync(socket));
            Assert.Equal(1, app.Queue.GetSnapshot().Seats);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Seats == 0, "the seat is free after the close");
        using var next = await app.ConnectAsync("/ws/blue");
        Assert.Equal("blue", await ReadAsync(next));
    }

    [Fact]
    public async Task WebSocket_RoomFull_IsRefusedBeforeTheUpgrade()
    {
        await using var app = await StartAsync(capacity: 1);
        using var holder = await app.ConnectAsync("/ws/blue");
        using var refused = new ClientWebSocket();
        refused.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(SocketUri(app, "/ws/blue"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.HttpStatusCode);
        Assert.Equal("5", Assert.Single(refused.HttpResponseHeaders!["Retry-After"]));
        using var other = await app.ConnectAsync("/ws/red");
        Assert.Equal("red", await ReadAsync(other));
    }

    [Fact]
    public async Task Request_RoomFull_Answers503WithCapAndRetryAfter()
    {
        await using var app = await StartAsync(capacity: 1);
        using var holder = await app.ConnectAsync("/ws/blue");
        using var response = await app.GetAsync("/ws/blue");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("5", response.Field("Retry-After"));
        var problem = await response.ProblemAsync();
        Assert.Equal("no_seat", problem.GetProperty("refusal").GetString());
        Assert.Equal("room", problem.GetProperty("cap").GetString());
        Assert.Equal("The room is full.", problem.GetProperty("detail").GetString());
        Assert.Equal(1, problem.GetProperty("position").GetInt32());
    }

    [Fact]
    public async Task Drain_ByForce_RedirectsNewcomersAndEndsTheConnections()
    {
        await using var app = await StartAsync(capacity: 1);
        using var holder = await app.ConnectAsync("/ws/blue");
        Assert.Equal("blue", await ReadAsync(holder));

        var drained = app.Queue.DrainAsync("https://node-2.example", force: TimeSpan.FromSeconds(5));
        using (var response = await app.GetAsync("/get/blue"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            var problem = await response.ProblemAsync();
            Assert.Equal("draining", problem.GetProperty("refusal").GetString());
            Assert.Equal("https://node-2.example", problem.GetProperty("redirect").GetString());
        }

        Assert.False(drained.IsCompleted);
        app.Time.Advance(TimeSpan.FromSeconds(5));
        await drained.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }

    /// <summary>The interleaving that breaks it: the peer is gone, the handler waits for something else, and the seat is never given back.</summary>
    [Fact]
    public async Task Abort_HandlerThatDoesNotNotice_GivesTheSeatBack()
    {
        var release = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(
            services => services.AddAdmissionQueue(options => options.RoomCapacity = 1),
            app => app.MapGet("/stuck", async (HttpContext context) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await release.Task;
            }).RequireAdmission(_ => "blue"));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, app.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "GET /stuck HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
            await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Seats == 1, "the socket has a seat");
            client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
            client.Close();
            await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Seats == 0, "the seat of the broken connection is free");
        }
        finally
        {
            release.SetResult();
        }
    }

    [Fact]
    public async Task Wait_SeatComesFree_IsAdmittedInTurn()
    {
        await using var app = await StartAsync(capacity: 1, wait: TimeSpan.FromMinutes(1));
        using var holder = await app.ConnectAsync("/ws/blue");
        var waiting = app.GetAsync("/get/blue");
        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Waiting == 1, "the request stands in line");
        await holder.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        using var response = await waiting;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("blue", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Wait_DeadlinePasses_Answers503WithPosition()
    {
        await using var app = await StartAsync(capacity: 1, wait: TimeSpan.FromSeconds(20));
        using var holder = await app.ConnectAsync("/ws/blue");
        var first = app.GetAsync("/get/blue");
        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Waiting == 1, "one request stands in line");
        var second = app.GetAsync("/get/blue");
        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Waiting == 2, "two requests stand in line");
        app.Time.Advance(TimeSpan.FromSeconds(21));
        using var response = await second;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal("deadline_exceeded", problem.GetProperty("refusal").GetString());
        Assert.Equal(2, problem.GetProperty("position").GetInt32());
        (await first).Dispose();
    }

    [Fact]
    public async Task Wait_ClientGoesAway_LeavesNothingBehind()
    {
        await using var app = await StartAsync(capacity: 1, wait: TimeSpan.FromMinutes(1));
        using var holder = await app.ConnectAsync("/ws/blue");
        using var patience = new CancellationTokenSource();
        var waiting = app.Client.GetAsync("/get/blue", patience.Token);
        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Waiting == 1, "the request stands in line");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.HoldsAsync(() => app.Queue.GetSnapshot().Waiting == 0, "nobody stands in line");
        Assert.Equal(1, app.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Handler_Throws_GivesTheSeatBack()
    {
        await using var app = await TestApp.StartAsync(
            services => services.AddAdmissionQueue(options => options.RoomCapacity = 1),
            app => app.MapGet("/", IResult () => throw new InvalidOperationException("no")).RequireAdmission(_ => "blue"));
        Assert.Equal(HttpStatusCode.InternalServerError, await app.StatusAsync("/"));
        Assert.Equal(0, app.Queue.GetSnapshot().Seats);
    }

    [Theory]
    [InlineData("/get/%01%0d%0a")]
    [InlineData("/get/x?room=")]
    [InlineData("/get/x?room=long")]
    public async Task Room_NotAName_Answers400AndTakesNoSeat(string path)
    {
        await using var app = await StartAsync(capacity: 1);
        using var response = await app.GetAsync(path.Replace("=long", "=" + new string('r', 3000), StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(400, (await response.ProblemAsync()).GetProperty("status").GetInt32());
        Assert.Equal(0, app.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Room_Null_PassesWithoutASeat()
    {
        var seats = -1;
        await using var app = await TestApp.StartAsync(
            services => services.AddAdmissionQueue(),
            app => app.MapGet("/", (AdmissionQueue queue) => seats = queue.GetSnapshot().Seats).RequireAdmission(_ => null));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(0, seats);
    }

    [Fact]
    public async Task Room_AskedTwiceInOneRequest_TakesOneSeat()
    {
        var seats = -1;
        await using var app = await TestApp.StartAsync(services => services.AddAdmissionQueue(options => options.RoomCapacity = 1), app =>
        {
            app.UseScaleKitAdmission(_ => "blue");
            app.MapGet("/", (AdmissionQueue queue) => seats = queue.GetSnapshot().Seats).RequireAdmission(_ => "blue");
        });
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(1, seats);
        Assert.Equal(0, app.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Room_AnotherWithinTheRequest_TakesASecondSeatAndLeavesTheFirstInPlace()
    {
        var rooms = new List<string?>();
        await using var app = await TestApp.StartAsync(services => services.AddAdmissionQueue(), app =>
        {
            app.UseScaleKitAdmission(_ => "lobby");
            app.Use(async (context, next) =>
            {
                await next(context);
                rooms.Add(context.Features.Get<AdmissionLease>()?.Room);
            });
            app.MapGet("/", (HttpContext context) => rooms.Add(context.Features.Get<AdmissionLease>()?.Room)).RequireAdmission(_ => "blue");
        });
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(["blue", "lobby"], rooms);
        Assert.Equal(0, app.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Lease_Feature_KnowsRoomAndUser()
    {
        AdmissionLease? lease = null;
        await using var app = await TestApp.StartAsync(
            services => services.AddAdmissionQueue(),
            app => app.MapGet("/", (HttpContext context) => { lease = context.Features.Get<AdmissionLease>(); }).RequireAdmission(_ => "blue"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/", "ada"));
        Assert.Equal(("blue", "ada", true), (lease!.Room, lease.ClientId, lease.IsReleased));
    }

    [Fact]
    public async Task KillSwitch_Off_AdmitsEverybody()
    {
        await using var app = await StartAsync(capacity: 1);
        app.Queue.IsEnabled = false;
        using var one = await app.ConnectAsync("/ws/blue");
        using var two = await app.ConnectAsync("/ws/blue");
        Assert.Equal("blue", await ReadAsync(two));
        Assert.Equal(2, app.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Queue_Draining_Answers503()
    {
        await using var app = await StartAsync(capacity: 1);
        await app.Queue.DisposeAsync();
        using var response = await app.GetAsync("/get/blue");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Field("Retry-After"));
        Assert.Equal("draining", (await response.ProblemAsync()).GetProperty("refusal").GetString());
    }

    /// <summary>Sockets that say their room and stay until closed, and plain requests that say it and end.</summary>
    private static Task<TestApp> StartAsync(int capacity, TimeSpan wait = default) => TestApp.StartAsync(
        services =>
        {
            services.AddAdmissionQueue(options => options.RoomCapacity = capacity);
            services.Configure<HttpAdmissionOptions>(options => options.MaximumWait = wait);
        },
        app =>
        {
            app.MapGet("/ws/{room}", async (HttpContext context, string room) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync(Encoding.UTF8.GetBytes(room), WebSocketMessageType.Text, true, context.RequestAborted);
                await socket.ReceiveAsync(new byte[16].AsMemory(), context.RequestAborted);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            }).RequireAdmission(RoomOf);
            app.MapGet("/get/{room}", (string room) => room).RequireAdmission(RoomOf);
        });

    private static string? RoomOf(HttpContext context) =>
        context.Request.Query.TryGetValue("room", out var room) ? room.ToString() : (string?)context.Request.RouteValues["room"];

    private static Uri SocketUri(TestApp app, string path) => new UriBuilder(app.Address) { Scheme = "ws", Path = path }.Uri;

    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[256];
        var message = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        return Encoding.UTF8.GetString(buffer, 0, message.Count);
    }
}
