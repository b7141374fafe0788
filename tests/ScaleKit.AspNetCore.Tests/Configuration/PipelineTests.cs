using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection;

namespace ScaleKit.AspNetCore.Tests;

public sealed class PipelineTests
{
    [Fact]
    public async Task Controller_Attribute_IsPaidThroughTheMiddleware()
    {
        await using var app = await StartWithControllersAsync(app =>
        {
            app.UseRouting();
            app.UseScaleKitRateLimiting();
            app.MapControllers();
        });
        using var response = await app.GetAsync("/limited");
        Assert.Equal("\"posts\";q=1;w=60", response.Field("RateLimit-Policy"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/limited"));
    }

    [Fact]
    public async Task Controllers_Convention_NeedsNoMiddleware()
    {
        await using var app = await StartWithControllersAsync(app => app.MapControllers().RequireRateLimit("others"));
        using var response = await app.GetAsync("/limited");
        Assert.Equal("\"posts\";q=1;w=60, \"others\";q=5;w=60", response.Field("RateLimit-Policy"));
    }

    [Fact]
    public async Task RequestDelegateEndpoint_Convention_IsEnforced()
    {
        await using var app = await TestApp.StartAsync(
            TestApp.Limits(("posts", 1, 60)), app => app.Map("/raw", (Microsoft.AspNetCore.Http.RequestDelegate)(_ => Task.CompletedTask)).RequireRateLimit("posts"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/raw"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/raw"));
    }

    [Fact]
    public async Task Middleware_NoEndpointMatches_StillPaysTheGlobalPolicy()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits(("all", 1, 60))(services);
                services.Configure<HttpRateLimitOptions>(options => options.GlobalPolicies.Add("all"));
            },
            app => app.UseScaleKitRateLimiting());
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/nowhere"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await app.StatusAsync("/nowhere"));
    }

    [Fact]
    public async Task Start_WithoutTheServices_SaysWhichCallIsMissing()
    {
        var limiter = await Assert.ThrowsAsync<InvalidOperationException>(() => TestApp.StartAsync(_ => { }, app => app.UseScaleKitRateLimiting()));
        Assert.Contains("AddScaleKitRateLimiting", limiter.Message, StringComparison.Ordinal);
        var queue = await Assert.ThrowsAsync<InvalidOperationException>(() => TestApp.StartAsync(_ => { }, app => app.UseScaleKitAdmission(_ => "x")));
        Assert.Contains("AddAdmissionQueue", queue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_InvalidOptions_NamesOptionValueAndLimit()
    {
        var wait = await Assert.ThrowsAsync<ArgumentException>(() => TestApp.StartAsync(
            services =>
            {
                services.AddAdmissionQueue();
                services.Configure<HttpAdmissionOptions>(options => options.MaximumWait = TimeSpan.FromHours(1));
            },
            app => app.UseScaleKitAdmission(_ => "x")));
        Assert.Contains("MaximumWait is 01:00:00; it must be zero to 00:10:00", wait.Message, StringComparison.Ordinal);
        var policy = await Assert.ThrowsAsync<ArgumentException>(() => TestApp.StartAsync(
            services =>
            {
                services.AddScaleKitRateLimiting();
                services.Configure<HttpRateLimitOptions>(options => options.GlobalPolicies.Add(""));
            },
            app => app.UseScaleKitRateLimiting()));
        Assert.Contains("GlobalPolicies", policy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RequireRateLimit_BadArguments_AreRefusedAtOnce()
    {
        Assert.Throws<ArgumentException>(() => new RequireRateLimitAttribute(""));
        Assert.Throws<ArgumentNullException>(() => new RequireRateLimitAttribute(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequireRateLimitAttribute("posts", 0));
    }

    private static Task<TestApp> StartWithControllersAsync(Action<WebApplication> pipeline) => TestApp.StartAsync(
        services =>
        {
            TestApp.Limits(("posts", 1, 60), ("others", 5, 60))(services);
            services.AddControllers().ConfigureApplicationPartManager(parts =>
                parts.ApplicationParts.Add(new AssemblyPart(typeof(PipelineTests).Assembly)));
        },
        pipeline);
}

[ApiController]
[Route("limited")]
public sealed class LimitedController : ControllerBase
{
    [HttpGet]
    [RequireRateLimit("posts")]
    public string Get() => "in";
}
