using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore.Tests;

public sealed class RateLimitGateTests
{
    [Fact]
    public async Task Endpoint_WithinLimit_SendsBothFields()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 3, 60)), app => app.MapGet("/", () => "in").RequireRateLimit("posts"));
        using var response = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("in", await response.Content.ReadAsStringAsync());
        Assert.Equal("\"posts\";q=3;w=60", response.Field("RateLimit-Policy"));
        Assert.StartsWith("\"posts\";r=2;t=", response.Field("RateLimit"), StringComparison.Ordinal);
        Assert.Null(response.Field("Retry-After"));
    }

    [Fact]
    public async Task Endpoint_OverLimit_Answers429WithProblemAndRetryAfter()
    {
        var handled = 0;
        await using var app = await TestApp.StartAsync(
            TestApp.Limits(("posts", 2, 60)), app => app.MapGet("/", () => Interlocked.Increment(ref handled)).RequireRateLimit("posts"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        using var refused = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(2, handled);
        Assert.Equal("60", refused.Field("Retry-After"));
        Assert.Equal("\"posts\";q=2;w=60", refused.Field("RateLimit-Policy"));
        Assert.Equal("\"posts\";r=0;t=60", refused.Field("RateLimit"));
        var problem = await refused.ProblemAsync();
        Assert.Equal(429, problem.GetProperty("status").GetInt32());
        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", problem.GetProperty("type").GetString());
        Assert.Equal("posts", Assert.Single(problem.GetProperty("violated-policies").EnumerateArray()).GetString());
        Assert.Equal(60, problem.GetProperty("retryAfterSeconds").GetInt64());
    }

    [Fact]
    public async Task RetryAfter_FractionOfSecond_IsRoundedUpAndKept()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 1, 2.4)), app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        app.Time.Advance(TimeSpan.FromSeconds(0.3));
        using var refused = await app.GetAsync("/");
        Assert.Equal("3", refused.Field("Retry-After"));
        app.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
    }

    /// <summary>The interleaving that breaks it: two requests both read "one left" and both pass.</summary>
    [Fact]
    public async Task Endpoint_ConcurrentRequests_AdmitsExactlyTheLimit()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 10, 60)), app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => app.StatusAsync("/")));
        Assert.Equal(10, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(50, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Endpoint_SeveralPolicies_TakesAllOrNoneAndNamesTheBindingOne()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("wide", 10, 60), ("narrow", 2, 30)), app =>
        {
            app.MapGet("/both", () => "").RequireRateLimit("wide").RequireRateLimit("narrow");
            app.MapGet("/wide", () => "").RequireRateLimit("wide");
        });
        using (var first = await app.GetAsync("/both"))
        {
            Assert.Equal("\"wide\";q=10;w=60, \"narrow\";q=2;w=30", first.Field("RateLimit-Policy"));
            Assert.StartsWith("\"narrow\";r=1;", first.Field("RateLimit"), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/both"));
        using (var refused = await app.GetAsync("/both"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("narrow", (await refused.ProblemAsync()).GetProperty("violated-policies")[0].GetString());
        }

        // The refused request took nothing of the wide policy: 10 - 2 - 1 are left.
        using var wide = await app.GetAsync("/wide");
        Assert.StartsWith("\"wide\";r=7;", wide.Field("RateLimit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_PolicyAlsoInMiddlewareAndGroup_IsPaidOnce()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits(("posts", 10, 60), ("all", 100, 60))(services);
                services.Configure<HttpRateLimitOptions>(options => options.GlobalPolicies.Add("all"));
            },
            app =>
            {
                app.UseRouting();
                app.UseScaleKitRateLimiting();
                app.MapGroup("/g").RequireRateLimit("posts").RequireRateLimit("all").MapGet("/", () => "").RequireRateLimit("POSTS");
            });
        using var response = await app.GetAsync("/g");
        Assert.Equal("\"all\";q=100;w=60, \"posts\";q=10;w=60", response.Field("RateLimit-Policy"));
        Assert.StartsWith("\"posts\";r=9;", response.Field("RateLimit"), StringComparison.Ordinal);
        Assert.Equal(99, app.Limiter.AttemptAcquire("all", "address:127.0.0.1", 0).Remaining);
    }

    [Fact]
    public async Task Endpoint_RequestIsExecutedAgain_PaysOnce()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 10, 60)), app =>
        {
            app.UseStatusCodePagesWithReExecute("/error");
            app.UseRouting();
            app.MapGet("/", () => Results.NotFound()).RequireRateLimit("posts");
            app.MapGet("/error", () => "sorry").RequireRateLimit("posts");
        });
        using var response = await app.GetAsync("/");
        Assert.Equal("sorry", await response.Content.ReadAsStringAsync());
        Assert.Equal(9, app.Limiter.AttemptAcquire("posts", "address:127.0.0.1", 0).Remaining);
    }

    [Fact]
    public async Task Endpoint_Costs_HigherCostCountsAndNeverMoreThanTheLimit()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 10, 60)), app =>
        {
            app.MapGet("/four", () => "").RequireRateLimit("posts").RequireRateLimit("posts", 4);
            app.MapGet("/huge", () => "").RequireRateLimit("posts", 1000);
        });
        using var four = await app.GetAsync("/four");
        Assert.StartsWith("\"posts\";r=6;", four.Field("RateLimit"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/huge"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/huge", "another"));
    }

    [Fact]
    public async Task Endpoint_Refused_DoesNotReadTheBody()
    {
        await using var app = await TestApp.StartAsync(
            TestApp.Limits(("posts", 1, 60)), app => app.MapPost("/", (string[] body) => body.Length).RequireRateLimit("posts"));
        using var good = new StringContent("[]", Encoding.UTF8, "application/json");
        using var first = await app.Client.PostAsync("/", good);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var broken = new StringContent("{ not json", Encoding.UTF8, "application/json");
        using var refused = await app.Client.PostAsync("/", broken);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task Key_UsersAndAddress_HaveTheirOwnPermits()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 1, 60)), app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/", "ada"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/", "ada"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/", "127.0.0.1"));
    }

    [Fact]
    public async Task KeySelector_NullExemptsAndEmptyIsShared()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits(("posts", 1, 60))(services);
                services.Configure<HttpRateLimitOptions>(options =>
                    options.KeySelector = context => context.Request.Query.ContainsKey("free") ? null : (string?)context.Request.Query["key"] ?? "");
            },
            app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        using var free = await app.GetAsync("/?free");
        Assert.Null(free.Field("RateLimit"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/?free"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/?key="));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/?key=" + new string('x', 5000)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/?key=" + new string('x', 5000)));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/?key=" + new string('x', 5001)));
    }

    [Fact]
    public async Task KillSwitch_Off_PassesWithoutFields()
    {
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 1, 60)), app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        app.Limiter.IsEnabled = false;
        for (var i = 0; i < 3; i++)
        {
            using var response = await app.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Null(response.Field("RateLimit"));
            Assert.Null(response.Field("RateLimit-Policy"));
        }

        app.Limiter.IsEnabled = true;
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/"));
    }

    [Fact]
    public async Task Fields_SwitchedOff_LeaveRetryAfterOnRefusals()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits(("posts", 1, 60))(services);
                services.Configure<HttpRateLimitOptions>(options => options.SendFields = false);
            },
            app => app.MapGet("/", () => "").RequireRateLimit("posts"));
        using var first = await app.GetAsync("/");
        Assert.Null(first.Field("RateLimit"));
        using var refused = await app.GetAsync("/");
        Assert.Null(refused.Field("RateLimit-Policy"));
        Assert.Equal("60", refused.Field("Retry-After"));
    }

    [Fact]
    public async Task Handler_Feature_ShowsTheTightestDecision()
    {
        RateLimitDecision seen = default;
        await using var app = await TestApp.StartAsync(TestApp.Limits(("posts", 5, 60)), app => app.MapGet("/", (HttpContext context) =>
        {
            seen = context.Features.Get<RateLimitFeature>()!.Decision;
        }).RequireRateLimit("posts"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/"));
        Assert.Equal(("posts", 4, true), (seen.Policy, seen.Remaining, seen.IsAcquired));
    }
}
