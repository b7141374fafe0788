using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ScaleKit.Admission;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

/// <summary>A real application on a real Kestrel on a free loopback port, with a clock that the test moves.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApp(WebApplication app, ManualTimeProvider time)
    {
        _app = app;
        Time = time;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public ManualTimeProvider Time { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public PolicyRateLimiter Limiter => _app.Services.GetRequiredService<PolicyRateLimiter>();

    public AdmissionQueue Queue => _app.Services.GetRequiredService<AdmissionQueue>();

    /// <summary>Starts; who sends X-User is that user.</summary>
    public static async Task<TestApp> StartAsync(Action<IServiceCollection> services, Action<WebApplication> pipeline)
    {
        var time = new ManualTimeProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(time);
        services(builder.Services);
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers["X-User"] is [{ } name])
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test"));
            }

            return next(context);
        });
        app.UseWebSockets();
        pipeline(app);
        await app.StartAsync();
        return new TestApp(app, time);
    }

    public static Action<IServiceCollection> Limits(params (string Name, int Limit, double Seconds)[] policies) =>
        services => services.AddScaleKitRateLimiting(options =>
        {
            foreach (var (name, limit, seconds) in policies)
            {
                options.Policies[name] = new RateLimitPolicyOptions { Limit = limit, Window = TimeSpan.FromSeconds(seconds) };
            }
        });

    public async Task<HttpResponseMessage> GetAsync(string path, string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        return await Client.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? user = null)
    {
        using var response = await GetAsync(path, user);
        return response.StatusCode;
    }

    public async Task<ClientWebSocket> ConnectAsync(string path)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = "ws", Path = path }.Uri, CancellationToken.None);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
