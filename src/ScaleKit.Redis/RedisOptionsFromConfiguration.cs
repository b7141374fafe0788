using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ScaleKit.Redis;

/// <summary>Binds the options where a configuration is registered; none is required.</summary>
internal sealed class RedisOptionsFromConfiguration(IServiceProvider services) : IConfigureOptions<RedisOptions>
{
    public void Configure(RedisOptions options) =>
        services.GetService<IConfiguration>()?.GetSection(RedisOptions.SectionName).Bind(options);
}
